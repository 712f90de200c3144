// A stand-in for a LINE emoji: LINE's pictures are LINE's, so a small face is drawn from the two ids.

import { s } from "../lib/dom.js";
import { hash } from "../lib/hash.js";
import { text } from "../lib/safe.js";

const SKINS = ["#ffd45e", "#ffb7c5", "#a9dcf5", "#b9e6a8", "#d8c4f2", "#ffc59b"];
const EYES = [
  "M7.5 9.5v1.5M14.5 9.5v1.5",
  "M6.5 10.5c.7-1.3 2.3-1.3 3 0M12.5 10.5c.7-1.3 2.3-1.3 3 0",
  "M6.5 9.5l2.5 1-2.5 1M15.5 9.5l-2.5 1 2.5 1",
];
const MOUTHS = [
  "M8 14c1.8 2 4.2 2 6 0",
  "M8 13.5c0 4 6 4 6 0z",
  "M9.5 14.5h3",
  "M11 13.5a1.3 1.3 0 110 2.6 1.3 1.3 0 010-2.6z",
];

/** An inline <svg> with the ids as its name. */
export function lineEmoji(productId, emojiId) {
  const seed = hash(`${text(productId)}/${text(emojiId)}`);
  const stroke = {
    fill: "none",
    stroke: "#4d3a14",
    "stroke-width": 1.5,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  };
  return s(
    "svg",
    {
      class: "line-emoji",
      viewBox: "0 0 22 22",
      role: "img",
      "aria-label": `LINE emoji ${text(productId)}/${text(emojiId)}`,
    },
    s("circle", { cx: 11, cy: 11, r: 9.5, fill: SKINS[seed % SKINS.length] }),
    s("path", { d: EYES[(seed >>> 4) % EYES.length], ...stroke }),
    s("path", { d: MOUTHS[(seed >>> 8) % MOUTHS.length], ...stroke }),
  );
}
