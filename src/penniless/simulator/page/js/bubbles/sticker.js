// Stickers, drawn by us, without a bubble around them.

import { drawSticker } from "../draw/stickers.js";
import { h } from "../lib/dom.js";
import { text } from "../lib/safe.js";

export function sticker(message, context) {
  const ids = `Sticker ${text(message.packageId)} / ${text(message.stickerId)}`;
  return h(
    "div.plain.sticker",
    { title: ids },
    context.quote(),
    drawSticker(message.packageId, message.stickerId),
  );
}
