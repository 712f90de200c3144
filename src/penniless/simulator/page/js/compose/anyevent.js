// Any event as JSON, also one that LINE has not invented yet; and several in one webhook.
// https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects

import { sendTogether } from "../api.js";
import { h } from "../lib/dom.js";
import { record } from "../lib/safe.js";
import { ask, field } from "../ui/dialog.js";

const says = (text, more = {}) => ({ type: "message", message: { type: "text", text, ...more } });
const EMOJI = { index: 0, length: 6, productId: "5ac1bfd5040ab15980c9b435", emojiId: "001" };

/** What the rest of the page has no button for, ready to be changed. */
const EXAMPLES = {
  "A text with a LINE emoji": says("(love) it", { emojis: [EMOJI] }),
  "A postback": { type: "postback", postback: { data: "buy=1", params: { date: "2026-01-31" } } },
  "A message while another module has the chat (standby)": { ...says("hello"), mode: "standby" },
  "The bot gets the chat (activated)": { type: "activated", chatControl: { expireAt: 1893456000000 } },
  "The bot loses the chat (deactivated)": { type: "deactivated", mode: "standby" },
  "The account is suspended": { type: "botSuspended" },
  "The account is resumed": { type: "botResumed" },
  "A module is attached": { type: "module", module: { type: "attached", botId: "U0123", scopes: [] } },
  "A message by phone number was delivered": { type: "delivery", delivery: { data: "order-7" } },
  "A video was watched": { type: "videoPlayComplete", videoPlayComplete: { trackingId: "clip-1" } },
  "Two texts in one webhook": [says("hello"), says("and again")],
  "A type that nobody knows": { type: "things", things: { deviceId: "t2c449c9d1", type: "link" } },
};
const written = (value) => JSON.stringify(value, null, 2);

/** The common properties (ids, time, source …) are filled in by the simulator. */
export async function anyEvent(sender, model) {
  const area = h("textarea.code", { rows: 10, required: true, spellcheck: "false" });
  const check = () => area.setCustomValidity(problem(area.value));
  area.addEventListener("input", check);
  const names = Object.keys(EXAMPLES);
  const example = h(
    "select",
    { autofocus: true },
    names.map((name) => h("option", { value: name }, name)),
  );
  const fill = () => {
    area.value = written(EXAMPLES[example.value]);
    check();
  };
  example.addEventListener("change", fill);
  fill();
  await ask({
    title: "Any event",
    ok: "Send",
    content: [
      field("Begin with", example),
      field(
        "JSON",
        area,
        "Type and own properties of an event, or a list of events for one webhook; ids, time, source and the like are filled in.",
      ),
    ],
    read: () => JSON.parse(area.value),
    act: (value) => send(value, sender, model),
  });
}

async function send(value, sender, model) {
  if (!Array.isArray(value)) return sender.dispatch({ event: value });
  const { kind, name, me } = model.selected;
  const place = { from: me, ...(kind === "group" && { in: name }) };
  return sendTogether(value.map((event) => ({ ...place, event })));
}

function problem(words) {
  try {
    const value = JSON.parse(words);
    const events = Array.isArray(value) ? value : [value];
    const typed = events.length > 0 && events.every((one) => typeof record(one).type === "string");
    return typed ? "" : "Each event needs a type.";
  } catch (error) {
    return `This is not JSON: ${error.message}`;
  }
}
