// The line above the chat that says how the bot is, when it is not simply running: starting, failed (with the
// error), recovered; when it hears nothing; and when the page has lost the simulator.

import { setChannel, verifyWebhook } from "../api.js";
import { h, put } from "../lib/dom.js";
import { icon } from "../draw/icons.js";
import { groupNamed } from "../model.js";
import { toast } from "./toast.js";

const RECOVERED_MS = 3000;

function failed(detail) {
  return h(
    "div.banner.failed",
    {},
    icon("ban", 20),
    h(
      "div",
      {},
      h("strong", {}, "The bot does not run. Save a correction and it starts again."),
      detail ? h("pre", { tabindex: 0 }, detail) : null,
    ),
  );
}

const starting = () =>
  h("div.banner", {}, h("span.spinner", { "aria-hidden": "true" }), "The bot is starting …");
const recovered = () => h("div.banner.good", {}, icon("check", 20), "The bot runs again.");
const unheard = () =>
  h("div.banner", {}, icon("bolt", 20), "No webhook is set: no bot hears what is said here.");
const told = (error) => toast(error.message, { bad: true });
const mended = (words, label, click) =>
  h(
    "div.banner",
    {},
    icon("bolt", 20),
    h("div", {}, words),
    h("button.button.small", { type: "button", on: { click } }, label),
  );
const switchedOff = () =>
  mended("Webhooks are switched off: your bot hears nothing.", "Switch on", () =>
    setChannel({ useWebhook: true }).catch(told),
  );
const suspended = () =>
  mended("LINE has stopped sending to this bot: an hour without one success.", "Verify", () =>
    verifyWebhook()
      .then(({ success, detail }) => success || told(new Error(`The webhook still fails: ${detail}`)))
      .catch(told),
  );
const outside = (bot, group, sender) =>
  mended(`${bot} is not in this group: it hears nothing of it.`, `Let ${bot} join`, () =>
    sender.join(group, "bot"),
  );
const lost = () =>
  h(
    "div.banner.failed",
    {},
    h("span.spinner", { "aria-hidden": "true" }),
    "No connection to the simulator. Trying again …",
  );

export function createStatus(box, { model, sender }) {
  const banner = (last) => put(box, bannerFor(model, last, sender));
  let before = "running"; // the status before this one, "starting" left out
  let timer = 0;
  let shown = "";

  function draw() {
    const { world, linked } = model;
    if (!world) return;
    const { webhook, useWebhook, suspended: given, name } = world.channel;
    const key = JSON.stringify([linked, webhook, useWebhook, given, name, world.bot, withoutBot(model)]);
    if (key === shown) return; // the same news is not read out twice
    shown = key;
    clearTimeout(timer);
    banner(before);
    const { status } = world.bot;
    if (status === "running" && before === "failed")
      timer = setTimeout(() => banner("running"), RECOVERED_MS);
    if (status !== "starting") before = status;
  }
  model.on("bot", draw);
  model.on("link", draw);
  model.on("select", draw);
}

/** The name of the open group, if the bot is not in it. */
function withoutBot(model) {
  const { selected } = model;
  const group = selected?.kind === "group" ? groupNamed(model, selected.name) : null;
  return group && !group.hasBot ? group.name : null;
}

function bannerFor(model, before, sender) {
  const { world, linked } = model;
  const { status, detail } = world.bot;
  if (!linked) return lost();
  if (status === "failed") return failed(detail);
  if (status === "starting") return starting();
  if (before === "failed") return recovered();
  if (!world.channel.webhook) return unheard();
  if (world.channel.useWebhook === false) return switchedOff();
  if (world.channel.suspended) return suspended();
  const group = withoutBot(model);
  return group ? outside(world.channel.name, group, sender) : null;
}
