// The components of Flex that hold no others: text with spans, image, icon, button, separator, filler, spacer.
// https://developers.line.biz/en/reference/messaging-api/#flex-component

import { css, h } from "../lib/dom.js";
import { color, list, mediaUrl, number, pick, ratio, record, text as words } from "../lib/safe.js";
import { guessLanguage } from "../lib/text.js";
import { picture } from "../bubbles/media.js";
import { shrinks } from "./fit.js";
import { holdStill } from "./still.js";
import { act } from "./tap.js";
import { font, FONTS, imageSize, IMAGES, letterSize, SIDES, space } from "./units.js";

const WEIGHTS = { regular: "400", bold: "700" };
const STYLES = { normal: "normal", italic: "italic" };
const DECORATIONS = { none: "none", underline: "underline", "line-through": "line-through" };
const TEXT_ALIGN = { start: "start", end: "end", center: "center" };

function letters(given) {
  return {
    "font-size": letterSize(given.size),
    color: color(given.color),
    "font-weight": pick(WEIGHTS, given.weight),
    "font-style": pick(STYLES, given.style),
    "text-decoration": pick(DECORATIONS, given.decoration),
  };
}

export function text(given, context) {
  const spans = list(given.contents)
    .map(record)
    .filter((one) => one.type === "span");
  const inner = h("div.fx-words", {}, spans.length ? spans.map((one) => span(one)) : words(given.text));
  const element = h(
    "div.fx-text",
    { lang: guessLanguage(inner.textContent), class: given.wrap === true ? "fx-wrap" : "" },
    inner,
  );
  css(element, { ...letters(given), "text-align": pick(TEXT_ALIGN, given.align) });
  scale(element, given);
  const lines = number(given.maxLines, 0, 0, 1000);
  if (given.wrap === true && lines > 0) {
    inner.classList.add("fx-lines");
    css(inner, { "--lines": lines });
  }
  spread(inner, space(given.lineSpacing));
  if (given.wrap !== true && given.adjustMode === "shrink-to-fit") shrinks(element, inner);
  stand(element, given, context);
  return given.action ? act(element, given.action, context) : element;
}

const GRAVITIES = { center: "fx-at-center", bottom: "fx-at-bottom" };

/**
 * `gravity`: where it stands in a place that is higher; a baseline box takes no notice of it.
 * https://developers.line.biz/en/docs/messaging-api/flex-message-layout/#gravity-property
 */
function stand(element, { gravity }, { layout }) {
  const found = layout === "baseline" ? null : pick(GRAVITIES, gravity);
  if (found) element.classList.add(found);
}

/** lineSpacing lies between the lines only, not above the first and not below the last. */
function spread(inner, spacing) {
  if (!spacing) return;
  css(inner, { "line-height": `calc(1.4em + ${spacing})`, "margin-block": `calc(${spacing} / -2)` });
}

/** `scaling`: the letters follow the size that is set in the LINE app (here: in the page's settings). */
function scale(element, { scaling }) {
  if (scaling === true) element.classList.add("fx-scaling");
}

export function span(given) {
  return css(h("span.fx-span", {}, words(given.text)), letters(given));
}

export function image(given, context) {
  const frame = h(
    "span.fx-frame",
    { class: given.aspectMode === "cover" ? "fx-cover" : "fx-fit" },
    picture(mediaUrl(given.url), ""),
  );
  css(frame, {
    width: imageSize(given.size) ?? IMAGES.md,
    "aspect-ratio": ratio(given.aspectRatio) ?? "1 / 1",
    "background-color": color(given.backgroundColor),
  });
  if (given.animated !== true) holdStill(frame, mediaUrl(given.url));
  const size = words(given.size);
  const element = h(
    "div.fx-image",
    { class: size === "full" || size.endsWith("%") ? "fx-relative" : "" },
    frame,
  );
  css(element, { "justify-content": pick(SIDES, given.align) });
  stand(element, given, context);
  return given.action ? act(element, given.action, context) : element;
}

/** As high as a line of that text size; its lower edge is the baseline. */
export function icon(given) {
  const frame = h("span.fx-icon", {}, picture(mediaUrl(given.url), ""));
  scale(frame, given);
  return css(frame, {
    height: `calc(${font(given.size) ?? FONTS.md} * var(--letters, 1))`,
    "aspect-ratio": ratio(given.aspectRatio) ?? "1 / 1",
  });
}

const BUTTONS = { primary: "primary", secondary: "secondary", link: "link" };

export function button(given, context) {
  const action = record(given.action);
  const style = pick(BUTTONS, given.style) ?? "link";
  const label = words(action.label) || words(action.text) || words(action.type);
  const paint = color(given.color);
  const element = h(
    "button.fx-button",
    {
      type: "button",
      lang: guessLanguage(label),
      class: `fx-${style} ${given.height === "sm" ? "fx-low" : ""}`,
    },
    h("span", {}, label),
  );
  element.addEventListener("click", (event) => {
    event.preventDefault(); // the box around it must not act too
    context.perform(action);
  });
  scale(element, given);
  if (given.adjustMode === "shrink-to-fit") shrinks(element, element.firstChild);
  css(element, style === "link" ? { color: paint } : { "background-color": paint });
  const holder = h("div.fx-button-holder", {}, element);
  stand(holder, given, context);
  return holder;
}

export function separator(given) {
  return css(h("div.fx-separator", { role: "presentation" }), { "background-color": color(given.color) });
}

export const filler = () => h("div.fx-filler");

/** Empty space of a fixed size, from before margins were there; LINE does not take it any more. */
export const spacer = (given) => css(h("div.fx-spacer"), { "--spacer": space(given.size) ?? space("md") });
