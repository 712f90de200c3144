// The date and time picker of the datetimepicker action, with the browser's own inputs.
// https://developers.line.biz/en/reference/messaging-api/#datetime-picker-action

import { h } from "../lib/dom.js";
import { pick, text } from "../lib/safe.js";
import { ask, field } from "./dialog.js";

const MODES = {
  date: { type: "date", title: "Choose a date", shape: /^\d{4}-\d\d-\d\d$/ },
  time: { type: "time", title: "Choose a time", shape: /^\d\d:\d\d$/ },
  datetime: { type: "datetime-local", title: "Choose a date and time", shape: /^\d{4}-\d\d-\d\dT\d\d:\d\d$/ },
};

const pad = (value) => String(value).padStart(2, "0");

function nowAs(mode) {
  const now = new Date();
  const date = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  const time = `${pad(now.getHours())}:${pad(now.getMinutes())}`;
  return { date, time, datetime: `${date}T${time}` }[mode];
}

/** LINE writes a lower-case t in some places; an ill-formed value counts as absent. */
function bound(value, { shape }) {
  const found = text(value).replace("t", "T");
  return shape.test(found) ? found : null;
}

/** Without an initial value: now, moved into the allowed range. */
function startValue(action, mode, low, high) {
  const given = bound(action.initial, MODES[mode]) ?? nowAs(mode);
  if (low && given < low) return low;
  return high && given > high ? high : given;
}

const rangeNote = (low, high) =>
  [low && `from ${low.replace("T", " ")}`, high && `to ${high.replace("T", " ")}`].filter(Boolean).join(" ");

/** Resolves to `{date: "2026-01-31"}`, `{time: "09:30"}`, `{datetime: "2026-01-31T09:30"}`, or null if cancelled. */
export async function pickDate(action) {
  const mode = pick(MODES, action.mode) ? text(action.mode) : "datetime";
  const low = bound(action.min, MODES[mode]);
  const high = bound(action.max, MODES[mode]);
  const input = h("input", {
    type: MODES[mode].type,
    required: true,
    min: low,
    max: high,
    value: startValue(action, mode, low, high),
    autofocus: true,
  });
  const label = text(action.label) || MODES[mode].title;
  const value = await ask({
    title: label,
    ok: "Choose",
    content: field(MODES[mode].title, input, rangeNote(low, high)),
    read: () => input.value.slice(0, 16),
  });
  return value ? { [mode]: value } : null;
}
