// Which module draws which message type. A message that cannot be drawn never takes the page down with it.

import { h } from "../lib/dom.js";
import { pick, record } from "../lib/safe.js";
import { quoteBlock } from "../chat/quote.js";
import { audio } from "./audio.js";
import { coupon } from "./coupon.js";
import { file } from "./file.js";
import { flex } from "../flex/message.js";
import { image } from "./image.js";
import { imagemap } from "./imagemap.js";
import { location } from "./location.js";
import { sticker } from "./sticker.js";
import { template } from "./template.js";
import { text, textV2 } from "./text.js";
import { unknown } from "./unknown.js";
import { video } from "./video.js";

const BUBBLES = {
  audio,
  coupon,
  file,
  flex,
  image,
  imagemap,
  location,
  sticker,
  template,
  text,
  textV2,
  video,
};

/** The element for an entry's message. */
export function renderBubble(entry, context) {
  const message = record(entry.message);
  const draw = pick(BUBBLES, message.type) ?? unknown;
  try {
    return draw(message, { ...context, entry, quote: () => quoteBlock(entry, context) });
  } catch (error) {
    console.error(error);
    return h("div.bubble.broken", {}, unknown(message), h("small", {}, "This message could not be drawn."));
  }
}
