// The simulated LINE's clock: tokens expire and redeliveries fall due without waiting.

import { moveClock } from "../api.js";
import { h, put } from "../lib/dom.js";
import { full, iso } from "../lib/time.js";
import { field } from "../ui/dialog.js";
import { about, apply, section } from "./form.js";

const STEPS = {
  "61 s": ["61s", "a reply token expires"],
  "20 min": ["20min", "a redelivery brings no new reply token"],
  "1 hour": ["1h", ""],
  "1 day": ["1d", "retry keys expire, statistics are ready"],
  "30 days": ["30d", "channel access tokens expire"],
};
const DURATION = "\\s*(\\d+\\s*(ms|s|min|h|d)\\s*)+";

export function createClock(model) {
  const time = h("time", {});
  const note = h("p.note", {});
  let shown = null; // whether it can be moved, as drawn
  const steps = h("div.choices", { role: "group", "aria-label": "Move the clock on by" });
  const own = ownStep();
  const element = section(
    "Clock",
    about("Tokens expire, redeliveries fall due, months end, and nobody has to wait."),
    h("p", {}, "Now: ", time),
    steps,
    own,
    note,
  );

  function draw({ now, clockMoves = false }) {
    time.setAttribute("datetime", iso(now));
    put(time, full(now));
    if (shown === clockMoves) return;
    shown = clockMoves;
    own.hidden = !clockMoves;
    put(steps, clockMoves ? Object.entries(STEPS).map(([label, [by, why]]) => step(label, by, why)) : null);
    put(
      note,
      clockMoves
        ? "Time goes on at its usual pace from there."
        : "This is the computer's clock; it cannot be moved.",
    );
  }

  const step = (label, by, why) =>
    h(
      "button.chip",
      { type: "button", title: why, on: { click: () => apply(() => moveClock(by)) } },
      `+ ${label}`,
    );

  model.on("world", draw);
  return element;
}

/** Any other duration. */
function ownStep() {
  const by = h("input", {
    type: "text",
    required: true,
    pattern: DURATION,
    placeholder: "1h 30min",
    autocomplete: "off",
    title: "A duration, such as 90s or 1h 30min",
  });
  const form = h(
    "form.own-step",
    {},
    field("Another duration", by, "With ms, s, min, h or d."),
    h("button.button.small", { type: "submit" }, "Move on"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await apply(() => moveClock(by.value))) by.value = "";
  });
  return form;
}
