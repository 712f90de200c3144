// The box component: a CSS flexbox with LINE's defaults.
// https://developers.line.biz/en/reference/messaging-api/#box

import { css, h } from "../lib/dom.js";
import { angle, color, length, list, pick, record } from "../lib/safe.js";
import { button, filler, icon, image, separator, spacer, span, text } from "./parts.js";
import { placeIn } from "./place.js";
import { act } from "./tap.js";
import { ALIGN, border, corner, extent, JUSTIFY, padding, space } from "./units.js";
import { createVideo } from "./video.js";

const video = createVideo((given, context) => component(given, context));
const COMPONENTS = { box, button, filler, icon, image, separator, spacer, span, text, video };
const DEEPEST = 30; // LINE allows ten levels; this only guards against absurd input

/** Any component as an element; an unknown one as nothing. */
export function component(given, context) {
  const draw = pick(COMPONENTS, record(given).type);
  return draw && context.depth < DEEPEST ? draw(record(given), context) : null;
}

export function box(given, context) {
  const layout = ["horizontal", "baseline"].includes(given.layout) ? given.layout : "vertical";
  const element = h("div.fx-box", { class: `fx-${layout}` });
  css(element, boxStyle(given));
  fillBox(element, given, { ...context, depth: context.depth + 1, layout });
  return given.action ? act(element, given.action, context) : element;
}

function fillBox(element, given, context) {
  const parent = { layout: context.layout, spacing: space(given.spacing) };
  let first = true;
  for (const one of list(given.contents).map(record)) {
    const child = component(one, context);
    if (!child) continue;
    element.append(placeIn(child, one, parent, { first }));
    if (one.position !== "absolute") first = false;
  }
}

function boxStyle(given) {
  return {
    ...paddings(given),
    "background-color": color(given.backgroundColor),
    "background-image": gradient(record(given.background)),
    "border-radius": corner(given.cornerRadius),
    ...borders(given),
    width: extent(given.width),
    "max-width": extent(given.maxWidth),
    height: extent(given.height),
    "max-height": extent(given.maxHeight),
    "justify-content": pick(JUSTIFY, given.justifyContent),
    "align-items": given.layout === "baseline" ? null : pick(ALIGN, given.alignItems),
  };
}

const SIDES = {
  paddingTop: "padding-top",
  paddingBottom: "padding-bottom",
  paddingStart: "padding-inline-start",
  paddingEnd: "padding-inline-end",
};

/** paddingAll for all sides; a side's own property wins. */
function paddings(given) {
  const all = padding(given.paddingAll);
  const found = {};
  for (const [name, property] of Object.entries(SIDES)) found[property] = padding(given[name]) ?? all;
  return found;
}

function borders(given) {
  const width = border(given.borderWidth);
  const paint = color(given.borderColor);
  if (!width && !paint) return {};
  return { "border-style": "solid", "border-width": width ?? "1px", "border-color": paint ?? "#000000" };
}

/** `linearGradient` from the start colour over an optional centre colour to the end colour. */
function gradient({ type, angle: direction, startColor, endColor, centerColor, centerPosition }) {
  const [start, end, center] = [startColor, endColor, centerColor].map(color);
  if (type !== "linearGradient" || !angle(direction) || !start || !end) return null;
  const middle = center ? `, ${center} ${length(centerPosition) ?? "50%"}` : "";
  return `linear-gradient(${angle(direction)}, ${start} 0%${middle}, ${end} 100%)`;
}
