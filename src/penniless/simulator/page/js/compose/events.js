// What happens to a person beside messages: a beacon comes near, an account is linked, a membership begins.
// https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects

import { h } from "../lib/dom.js";
import { text } from "../lib/safe.js";
import { ask, field } from "../ui/dialog.js";

const BEACONS = { enter: "comes into reach", banner: "the banner is tapped", stay: "stays in reach" };
const STEPS = { joined: "joins", renewed: "renews", left: "leaves" };

export const choices = (labels) =>
  h(
    "select",
    {},
    Object.entries(labels).map(([value, label]) => h("option", { value }, label)),
  );
const words = (value, props = {}) =>
  h("input", { type: "text", value, autocomplete: "off", spellcheck: "false", ...props });

export async function beacon(sender) {
  const hwid = words("d41d8cd98f", { required: true, pattern: "[0-9a-f]{10}" });
  const type = choices(BEACONS);
  const dm = words("", { pattern: "([0-9a-f]{2}){0,13}" });
  const found = await ask({
    title: "Beacon",
    content: [
      field("Hardware id", hwid, "Ten hexadecimal digits."),
      field("What happens", type),
      field("Device message", dm, "Up to 13 bytes, as hexadecimal digits; may be empty."),
    ],
    read: () => ({ hwid: hwid.value, type: type.value, ...(dm.value && { dm: dm.value }) }),
  });
  if (found) await sender.say({ event: { type: "beacon", beacon: found } });
}

export async function linkAccount(sender) {
  const token = words("", { required: true });
  const nonce = words("", { required: true, minlength: 10, maxlength: 255 });
  const found = await ask({
    title: "Link the account",
    content: [
      h("p", {}, "The person has logged in elsewhere and comes back to LINE."),
      field("Link token", token, "As your bot got it from LINE."),
      field("Nonce", nonce, "As your server made it."),
    ],
    read: () => ({ linkToken: token.value, nonce: nonce.value }),
  });
  if (found) await sender.say({ accountLink: found });
}

export async function membership(sender, plans) {
  const labels = plans.map((one) => [one.membershipId, text(one.title) || `Plan ${one.membershipId}`]);
  const plan = choices(Object.fromEntries(labels));
  const step = choices(STEPS);
  const found = await ask({
    title: "Membership",
    content: [field("Plan", plan), field("The person", step)],
    read: () => ({ type: step.value, membershipId: Number(plan.value) }),
  });
  if (found) await sender.say({ membership: found });
}

const EXAMPLE = `{
  "type": "things",
  "things": { "deviceId": "t2c449c9d1", "type": "link" }
}`;

/** The common properties (ids, time, source …) are filled in by the simulator. */
export async function anyEvent(sender) {
  const area = h("textarea.code", { rows: 9, required: true, spellcheck: "false", autofocus: true });
  area.value = EXAMPLE;
  const check = () => area.setCustomValidity(problem(area.value));
  area.addEventListener("input", check);
  const event = await ask({
    title: "Any event",
    ok: "Send",
    content: field(
      "JSON",
      area,
      "Its type and own properties; ids, time, source and the like are filled in.",
    ),
    read: () => JSON.parse(area.value),
  });
  if (event) await sender.say({ event });
}

function problem(written) {
  try {
    const value = JSON.parse(written);
    return value && typeof value.type === "string" ? "" : "The event needs a type.";
  } catch (error) {
    return `This is not JSON: ${error.message}`;
  }
}
