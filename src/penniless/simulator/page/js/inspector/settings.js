// The channel's settings, as LINE's console and account manager have them; the clock; the statistics of errors.
// https://developers.line.biz/en/docs/messaging-api/building-bot/

import { setChannel } from "../api.js";
import { choices } from "../compose/events.js";
import { h, put } from "../lib/dom.js";
import { remember, remembered } from "../lib/storage.js";
import { ask, field } from "../ui/dialog.js";
import { createClock } from "./clock.js";
import { createErrors } from "./errors.js";
import { edited, section, toggle } from "./form.js";

/** Messages a month: https://www.lycbiz.com/jp/service/line-official-account/plan/ and its sisters. */
const PLANS = {
  200: "Communication (JP), light (TW): 200",
  300: "Free (TH): 300",
  3000: "Medium (TW): 3,000",
  5000: "Light (JP): 5,000",
  6000: "High (TW): 6,000",
  15000: "Basic (TH): 15,000",
  30000: "Standard (JP): 30,000",
  35000: "Pro (TH): 35,000",
  none: "No limit",
  other: "Another number …",
};
const MODES = { bot: "Bot: messages are read by themselves", chat: "Chat: the bot marks them as read" };
const LETTERS = { 0.87: "Small", 1: "Regular", 1.2: "Large", 1.5: "Extra large" };
const ACCOUNT = {
  verified: ["Verified account", "Lists of friends and members are served"],
  partner: ["Partner", "Has contracts for messages by phone number"],
  module: ["Module channel", "May take chats over, and give them back"],
  privacy: ["Privacy", "Small numbers of people are not told"],
};

export function createSettings(box, { model }) {
  const webhook = webhookPart(model);
  const limits = limitsPart();
  const account = accountPart();
  put(
    box,
    webhook.element,
    limits.element,
    createClock(model),
    account.element,
    lettersPart(),
    createErrors(model),
  );
  model.on("world", ({ channel }) => {
    for (const part of [webhook, limits, account]) part.show(channel);
  });
}

/** Off means that no webhook goes out; the address is kept for the next time. */
function webhookPart(model) {
  const address = h("input", {
    type: "url",
    placeholder: "http://127.0.0.1:3000/callback",
    spellcheck: "false",
  });
  const use = toggle("Use webhook", "Off: LINE sends nothing to the bot", async (on) => {
    const kept = address.value || remembered("webhook", "");
    if (on && !kept) throw new Error("Write the webhook's address first.");
    if (!on) remember("webhook", model.world.channel.webhook ?? "");
    await setChannel({ webhook: on ? kept : null });
  });
  const url = edited(address, (value) => setChannel({ webhook: value || null }));
  const again = toggle("Webhook redelivery", "A webhook that fails goes out again", (redelivery) =>
    setChannel({ redelivery }),
  );
  const pattern = "\\s*\\d+(\\.\\d+)?(\\s*,\\s*\\d+(\\.\\d+)?)*\\s*";
  const schedule = edited(
    h("input", { type: "text", required: true, pattern, inputmode: "decimal" }),
    (value) => setChannel({ redeliverySchedule: value.split(",").map(Number) }),
  );
  const element = section(
    "Webhook",
    use.element,
    field("Webhook URL", address),
    again.element,
    field("Seconds from each failure to the next try", schedule.input, "With commas between."),
  );
  return {
    element,
    show({ webhook, redelivery, redeliverySchedule }) {
      use.input.checked = Boolean(webhook);
      url.set(webhook ?? remembered("webhook", ""));
      again.input.checked = Boolean(redelivery);
      schedule.set((redeliverySchedule ?? []).join(", "));
    },
  };
}

function limitsPart() {
  const plan = choices(PLANS);
  const used = h("p.note", {});
  let now = "none";
  plan.addEventListener("change", async () => {
    const value = plan.value === "other" ? await anotherNumber() : plan.value;
    if (value === null) plan.value = now;
    else await setChannel({ quota: value === "none" ? null : Number(value) });
  });
  const rates = toggle("Rate limits", "2,000 calls a second, and less for some", (rateLimits) =>
    setChannel({ rateLimits }),
  );
  const element = section("Limits", field("Messages a month", plan), used, rates.element);
  return {
    element,
    show({ quota, rateLimits }) {
      now = quota?.type === "limited" ? String(quota.value) : "none";
      offer(plan, now);
      plan.value = now;
      put(used, `${quota?.used ?? 0} used this month. Replies are free.`);
      rates.input.checked = rateLimits !== false;
    },
  };
}

/** A number that no plan has is offered all the same. */
function offer(plan, value) {
  if ([...plan.options].some((one) => one.value === value)) return;
  plan.prepend(h("option", { value }, `${Number(value).toLocaleString("en")} (none of LINE's plans)`));
}

function anotherNumber() {
  const input = h("input", { type: "number", min: 0, step: 1, required: true, value: 10, autofocus: true });
  return ask({ title: "Messages a month", content: field("Number", input), read: () => input.value });
}

function accountPart() {
  const mode = choices(MODES);
  mode.addEventListener("change", () => setChannel({ chatMode: mode.value }));
  const switches = Object.entries(ACCOUNT).map(([name, [label, note]]) => [
    name,
    toggle(label, note, (on) => setChannel({ [name]: on })),
  ]);
  const element = section(
    "Account",
    field("Response mode", mode),
    switches.map(([, one]) => one.element),
  );
  return {
    element,
    show(channel) {
      mode.value = channel.chatMode;
      for (const [name, one] of switches) {
        one.element.hidden = typeof channel[name] !== "boolean";
        one.input.checked = channel[name] === true;
      }
    },
  };
}

/** The font size of the LINE app: Flex components with `scaling` follow it, and so does the chat. */
function lettersPart() {
  const size = choices(LETTERS);
  const set = (value) => document.documentElement.style.setProperty("--app-letters", value);
  size.value = remembered("letters", "1");
  set(size.value);
  size.addEventListener("change", () => {
    remember("letters", size.value);
    set(size.value);
  });
  return section("The person's phone", field("Font size in LINE", size));
}
