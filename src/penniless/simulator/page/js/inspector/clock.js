// The simulated LINE's clock: tokens expire and redeliveries fall due without waiting.

import { moveClock } from "../api.js";
import { h, put } from "../lib/dom.js";
import { full, iso } from "../lib/time.js";
import { apply, section } from "./form.js";

const STEPS = {
  "61 s": [61, "a reply token expires"],
  "20 min": [20 * 60, "a redelivery brings no new reply token"],
  "1 hour": [3600, ""],
  "1 day": [86_400, "retry keys expire, statistics are ready"],
  "30 days": [30 * 86_400, "channel access tokens expire"],
};

export function createClock(model) {
  const time = h("time", {});
  const note = h("p.note", {});
  let shown = null; // whether it can be moved, as drawn
  const steps = h("div.choices", { role: "group", "aria-label": "Move the clock on by" });
  const element = section("Clock", h("p", {}, "Now: ", time), steps, note);

  function draw({ now, clockMoves = false }) {
    time.setAttribute("datetime", iso(now));
    put(time, full(now));
    if (shown === clockMoves) return;
    shown = clockMoves;
    put(
      steps,
      clockMoves ? Object.entries(STEPS).map(([label, [seconds, why]]) => step(label, seconds, why)) : null,
    );
    put(
      note,
      clockMoves
        ? "Time goes on at its usual pace from there."
        : "This is the computer's clock; it cannot be moved.",
    );
  }

  const step = (label, seconds, why) =>
    h(
      "button.chip",
      { type: "button", title: why, on: { click: () => apply(() => moveClock(seconds)) } },
      `+ ${label}`,
    );

  model.on("world", draw);
  return element;
}
