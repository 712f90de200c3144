// The channel's settings, as LINE's console and account manager have them; the clock; the world as a file.
// Law: this module only puts the parts together; each part is a module of its own, {element, show(channel, world)}.

import { h, put } from "../lib/dom.js";
import { accountPart } from "./account.js";
import { createClock } from "./clock.js";
import { createErrors } from "./errors.js";
import { guessesPart } from "./guesses.js";
import { keysPart } from "./keys.js";
import { lettersPart } from "./letters.js";
import { offersPart } from "./offers.js";
import { planPart } from "./plan.js";
import { repliesPart } from "./replies.js";
import { webhookPart } from "./webhook.js";
import { createWorld } from "./world.js";

export function createSettings(box, { model }) {
  const alone = (element) => ({ element, show() {} });
  const parts = {
    Webhook: webhookPart(),
    Errors: alone(createErrors(model)),
    Replies: repliesPart(),
    Plan: planPart(),
    Account: accountPart(),
    Memberships: offersPart(),
    Keys: keysPart(),
    Guesses: guessesPart(),
    Clock: alone(createClock(model)),
    Phone: alone(lettersPart()),
    World: alone(createWorld()),
  };
  put(
    box,
    jumps(parts),
    Object.values(parts).map((one) => one.element),
  );
  model.on("world", (world) => {
    for (const part of Object.values(parts)) part.show(world.channel, world);
  });
}

/** A long panel: one tap leads to a part of it. */
const jumps = (parts) =>
  h(
    "nav.jumps",
    { "aria-label": "Settings" },
    Object.entries(parts).map(([label, { element }]) =>
      h("button.chip", { type: "button", on: { click: () => goTo(element) } }, label),
    ),
  );

function goTo(element) {
  const folded = element.querySelector("details");
  if (folded) folded.open = true;
  element.scrollIntoView({ block: "start" });
  element.querySelector("h3").focus({ preventScroll: true });
}
