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
  await ask({
    title: "Beacon",
    content: [
      field("Hardware id", hwid, "Ten hexadecimal digits."),
      field("What happens", type),
      field("Device message", dm, "Up to 13 bytes, as hexadecimal digits; may be empty."),
    ],
    read: () => ({ hwid: hwid.value, type: type.value, ...(dm.value && { dm: dm.value }) }),
    act: (value) => sender.dispatch({ event: { type: "beacon", beacon: value } }),
  });
}

export async function linkAccount(sender) {
  const token = words("", { required: true });
  const nonce = words("", { required: true, minlength: 10, maxlength: 255 });
  await ask({
    title: "Link the account",
    content: [
      h("p", {}, "The person has logged in elsewhere and comes back to LINE."),
      field("Link token", token, "As your bot got it from LINE."),
      field("Nonce", nonce, "As your server made it."),
    ],
    read: () => ({ linkToken: token.value, nonce: nonce.value }),
    act: (accountLink) => sender.dispatch({ accountLink }),
  });
}

export async function membership(sender, plans) {
  const labels = plans.map((one) => [one.membershipId, text(one.title) || `Plan ${one.membershipId}`]);
  const plan = choices(Object.fromEntries(labels));
  const step = choices(STEPS);
  await ask({
    title: "Membership",
    content: [field("Plan", plan), field("The person", step)],
    read: () => ({ type: step.value, membershipId: Number(plan.value) }),
    act: (value) => sender.dispatch({ membership: value }),
  });
}
