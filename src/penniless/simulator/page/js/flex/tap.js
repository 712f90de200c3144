// Taps inside Flex messages: the innermost component with an action acts, and only that one.

import { tappable } from "../lib/dom.js";
import { record, text } from "../lib/safe.js";

/** Makes an element perform an action. */
export function act(element, action, { perform }) {
  const given = record(action);
  const label = text(given.label);
  const name = label || element.textContent.trim().slice(0, 80) || text(given.type);
  return tappable(element, name, () => perform(given));
}
