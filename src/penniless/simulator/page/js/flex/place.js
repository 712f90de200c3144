// How a component stands in its parent box: share of the space, margin, position and offsets.
// https://developers.line.biz/en/docs/messaging-api/flex-message-layout/

import { css } from "../lib/dom.js";
import { number } from "../lib/safe.js";
import { offset, space } from "./units.js";

const SELF_SIZED = new Set(["icon", "separator", "spacer"]);

/** `parent`: {layout, spacing}; `first` is true for the first child, whose margin is ignored. */
export function placeIn(element, component, parent, { first }) {
  css(element, flexOf(component, parent));
  css(element, marginOf(component, parent, first));
  css(element, positionOf(component));
  return element;
}

/** In a row the width is shared by default (1), in a column the height follows from the content (0). Fillers fill in both. */
function flexOf(component, { layout }) {
  const row = layout !== "vertical";
  const standard = component.type === "filler" || (row && !SELF_SIZED.has(component.type)) ? 1 : 0;
  const fixed = component.type === "box" && (row ? component.width : component.height);
  if (fixed) return { flex: "0 0 auto" };
  const share = number(component.flex, standard, 0, 1000);
  if (share === 0) return { flex: "0 0 auto" };
  return { flex: row ? `${share} 0 0px` : `${share} 0 auto` };
}

function marginOf(component, { layout, spacing }, first) {
  const found = first || component.position === "absolute" ? null : (space(component.margin) ?? spacing);
  return found ? { [layout === "vertical" ? "margin-block-start" : "margin-inline-start"]: found } : {};
}

const OFFSETS = {
  offsetTop: "top",
  offsetBottom: "bottom",
  offsetStart: "inset-inline-start",
  offsetEnd: "inset-inline-end",
};

function positionOf(component) {
  const found = { position: component.position === "absolute" ? "absolute" : null };
  for (const [name, property] of Object.entries(OFFSETS)) found[property] = offset(component[name]);
  return component.position === "absolute" ? { ...found, ...corner(found) } : found;
}

/** Without offsets an absolute component stands at the start of the parent's upper edge. */
function corner(found) {
  return {
    top: found.top ?? (found.bottom ? null : "0"),
    "inset-inline-start": found["inset-inline-start"] ?? (found["inset-inline-end"] ? null : "0"),
  };
}
