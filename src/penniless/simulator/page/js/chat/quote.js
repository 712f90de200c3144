// The block above a bubble's content that shows which message it answers.

import { h } from "../lib/dom.js";
import { text } from "../lib/safe.js";

/** A button that leads to the quoted message, or null. */
export function quoteBlock(entry, { goTo }) {
  const { quoted } = entry;
  if (!quoted) return null;
  const words = text(quoted.text) || "Message not available";
  return h(
    "button.quote",
    { type: "button", on: { click: () => goTo(quoted.id) } },
    h("b.unseen", {}, "In answer to "),
    h("strong", {}, text(quoted.name)),
    h("span", {}, words),
  );
}
