// A message type this page does not know: shown as it came.

import { h } from "../lib/dom.js";
import { text } from "../lib/safe.js";

export function unknown(message) {
  return h(
    "div.bubble.unknown",
    {},
    h("strong", {}, text(message.type) || "message"),
    h("pre", { tabindex: 0 }, JSON.stringify(message, null, 1)),
  );
}
