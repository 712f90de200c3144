// How a component stands in its parent box: share of the space, margin, position and offsets.
// https://developers.line.biz/en/docs/messaging-api/flex-message-layout/

import { css } from "../lib/dom.js";
import { number } from "../lib/safe.js";
import { extent, offset, space } from "./units.js";

const SELF_SIZED = new Set(["icon", "separator", "spacer"]);

/** `parent`: {layout, spacing}; `first` is true for the first child, before which `spacing` leaves no space. */
export function placeIn(element, component, parent, { first }) {
  css(element, flexOf(component, parent));
  css(element, marginOf(component, parent, first));
  css(element, positionOf(component, parent));
  if (component.position === "absolute") element.classList.add("fx-absolute");
  return element;
}

/**
 * In a row the width is shared by default (1), in a column the height follows from the content (0); fillers fill in both.
 * A box in a row that says its width or height has the flex 0. (…/flex-message-layout/#horizontal-box, #vertical-box,
 * #box-width, #box-height)
 */
function flexOf(component, { layout }) {
  const row = layout !== "vertical";
  const standard = component.type === "filler" || (row && !SELF_SIZED.has(component.type)) ? 1 : 0;
  const sized = row && component.type === "box" && Boolean(extent(component.width) ?? extent(component.height));
  const share = sized ? 0 : number(component.flex, standard, 0, 1000);
  if (share === 0) return { flex: "0 0 auto" };
  return { flex: row ? `${share} 0 0px` : `${share} 0 auto` };
}

/** A margin of its own counts more than the box's spacing, and also before the first child. (…/#margin-property) */
function marginOf(component, { layout, spacing }, first) {
  if (component.position === "absolute") return {};
  const found = space(component.margin) ?? (first ? null : spacing);
  return found ? { [layout === "vertical" ? "margin-block-start" : "margin-inline-start"]: found } : {};
}

const OFFSETS = {
  offsetTop: "top",
  offsetBottom: "bottom",
  offsetStart: "inset-inline-start",
  offsetEnd: "inset-inline-end",
};

/** In a baseline box offsetBottom does nothing. (…/#baseline-box) */
function positionOf(component, { layout }) {
  const found = {};
  for (const [name, property] of Object.entries(OFFSETS)) found[property] = offset(component[name]);
  if (layout === "baseline") found.bottom = null;
  return component.position === "absolute" ? { ...found, ...corner(found) } : found;
}

/** Without offsets an absolute component stands at the start of the parent's upper edge. */
function corner(found) {
  return {
    top: found.top ?? (found.bottom ? null : "0"),
    "inset-inline-start": found["inset-inline-start"] ?? (found["inset-inline-end"] ? null : "0"),
  };
}
