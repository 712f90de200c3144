// Flex messages: a bubble of blocks (header, hero, body, footer), or a carousel of bubbles.
// https://developers.line.biz/en/reference/messaging-api/#flex-message

import { strip } from "../bubbles/strip.js";
import { unknown } from "../bubbles/unknown.js";
import { css, h } from "../lib/dom.js";
import { color, list, pick, record, text } from "../lib/safe.js";
import { component } from "./box.js";
import { act } from "./tap.js";
import { BUBBLES } from "./units.js";

export function flex(message, context) {
  const contents = record(message.contents);
  const element = draw(contents, { ...context, depth: 0 });
  if (!element) return unknown(message);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", text(message.altText));
  return element;
}

function draw(contents, context) {
  if (contents.type === "bubble") return h("div.plain.flex-message", {}, bubble(contents, context));
  if (contents.type !== "carousel") return null;
  const element = strip(list(contents.contents).map((one) => bubble(record(one), context)));
  element.classList.add("flex-message");
  return element;
}

const BLOCKS = ["header", "hero", "body", "footer"];

function bubble(given, context) {
  const size = pick(BUBBLES, given.size) ? text(given.size) : "mega";
  const element = h("div.fx-bubble", {
    class: `fx-size-${size}`,
    dir: given.direction === "rtl" ? "rtl" : "ltr",
  });
  css(element, { "--bubble-width": BUBBLES[size] });
  const styles = record(given.styles);
  for (const name of BLOCKS.filter((one) => given[one])) {
    const drawn = block(
      name,
      record(given[name]),
      record(styles[name]),
      context,
      element.childElementCount > 0,
    );
    if (drawn) element.append(...drawn);
  }
  return given.action ? act(element, given.action, context) : element;
}

/** A block's outer element carries its style; LINE draws a separator above it, never above the first block. */
function block(name, given, style, context, hasBefore) {
  const inside = component(given, context);
  if (!inside) return null;
  const element = css(h("div.fx-block", { class: `fx-${name}` }, inside), {
    "background-color": color(style.backgroundColor),
  });
  const line =
    style.separator === true && hasBefore
      ? css(h("div.fx-separator.fx-block-line"), { "background-color": color(style.separatorColor) })
      : null;
  return line ? [line, element] : [element];
}
