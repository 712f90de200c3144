// A row of cards that scrolls sideways: carousels of templates and of Flex bubbles. By finger, wheel, keyboard, or buttons.

import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";

export function strip(cards) {
  const track = h(
    "div.track",
    { tabindex: 0, role: "group", "aria-label": `${cards.length} cards, scrolls sideways` },
    cards,
  );
  const go = (way) =>
    track.scrollBy({ left: way * Math.max(160, track.clientWidth * 0.8), behavior: "smooth" });
  const arrow = (way, label, classes) =>
    h(
      "button.strip-arrow",
      { class: classes, type: "button", tabindex: -1, "aria-label": label, on: { click: () => go(way) } },
      icon("back", 20),
    );
  const before = arrow(-1, "Earlier cards", "before");
  const after = arrow(1, "Further cards", "after");
  const element = h("div.plain.strip", {}, track, before, after);
  const mark = () => {
    before.hidden = track.scrollLeft < 8;
    after.hidden = track.scrollLeft + track.clientWidth > track.scrollWidth - 8;
  };
  track.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(track);
  return element;
}
