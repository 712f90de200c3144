// The line above the chat that says how the bot is, when it is not simply running: starting, failed (with the
// error), recovered; when it hears nothing; and when the page has lost the simulator.

import { setChannel } from "../api.js";
import { h, put } from "../lib/dom.js";
import { icon } from "../draw/icons.js";
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
const switchedOff = () =>
  h(
    "div.banner",
    {},
    icon("bolt", 20),
    h("div", {}, "Webhooks are switched off: your bot hears nothing."),
    h("button.button.small", { type: "button", on: { click: switchOn } }, "Switch on"),
  );
const switchOn = () =>
  setChannel({ useWebhook: true }).catch((error) => toast(error.message, { bad: true }));
const lost = () =>
  h(
    "div.banner.failed",
    {},
    h("span.spinner", { "aria-hidden": "true" }),
    "No connection to the simulator. Trying again …",
  );

export function createStatus(box, { model }) {
  let before = "running"; // the status before this one, "starting" left out
  let timer = 0;
  let shown = "";

  function draw() {
    const { world, linked } = model;
    if (!world) return;
    const { webhook, useWebhook } = world.channel;
    const key = JSON.stringify([linked, webhook, useWebhook, world.bot]);
    if (key === shown) return; // the same news is not read out twice
    shown = key;
    clearTimeout(timer);
    put(box, bannerFor(model, before));
    const { status } = world.bot;
    if (status === "running" && before === "failed")
      timer = setTimeout(() => put(box, bannerFor(model, "running")), RECOVERED_MS);
    if (status !== "starting") before = status;
  }
  model.on("bot", draw);
  model.on("link", draw);
}

function bannerFor({ world, linked }, before) {
  const { status, detail } = world.bot;
  if (!linked) return lost();
  if (status === "failed") return failed(detail);
  if (status === "starting") return starting();
  if (before === "failed") return recovered();
  if (!world.channel.webhook) return unheard();
  return world.channel.useWebhook === false ? switchedOff() : null;
}
