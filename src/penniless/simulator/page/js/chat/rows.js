// The rows of the open chat. They are only ever appended or replaced one by one, and rows out of sight are not laid
// out (content-visibility), so that a thousand messages stay quick.

import { h } from "../lib/dom.js";
import { dayKey, dayName, iso, sameMinute } from "../lib/time.js";
import { renderRow, updateRow } from "./row.js";

/** `context` is what renderRow takes, without goTo. */
export function createRows(listBox, context) {
  const rows = new Map(); // seq -> {element, entry}
  const whole = { ...context, goTo };
  let last = null;

  function append(entry) {
    if (!last || dayKey(last.entry.time) !== dayKey(entry.time)) listBox.append(day(entry.time));
    const row = { element: renderRow(entry, whole), entry };
    join(last, row);
    rows.set(entry.seq, row);
    listBox.append(row.element);
    last = row;
  }

  function change(entry) {
    const row = rows.get(entry.seq);
    if (!row) return;
    row.element = updateRow(row.element, row.entry, entry, whole);
    row.entry = entry;
  }

  function replace(entries) {
    rows.clear();
    last = null;
    listBox.replaceChildren();
    entries.forEach(append);
  }

  function goTo(id) {
    const row = [...rows.values()].find((one) => one.entry.id === id);
    if (!row) return;
    row.element.scrollIntoView({ block: "center" });
    row.element.focus({ preventScroll: true });
    row.element.classList.add("flash");
    setTimeout(() => row.element.classList.remove("flash"), 1500);
  }

  return {
    append,
    change,
    replace,
    entryAt: (seq) => rows.get(seq)?.entry,
    /** Whether just these entries, in this state, are shown. */
    show: (entries) =>
      entries.length === rows.size &&
      entries.every((entry) => JSON.stringify(rows.get(entry.seq)?.entry) === JSON.stringify(entry)),
  };
}

const day = (time) => h("div.day", { role: "separator" }, h("time", { datetime: iso(time) }, dayName(time)));

/** Messages of one sender within a minute belong together: one face and name above, one time below. */
function join(last, row) {
  if (!last || last.entry.unsent || !sameSender(last.entry, row.entry)) return;
  if (!sameMinute(last.entry.time, row.entry.time)) return;
  row.element.classList.add("follows");
  if (last.entry.read === row.entry.read) last.element.classList.add("followed");
}

function sameSender(one, other) {
  return (
    one.from !== "system" &&
    one.from === other.from &&
    one.name === other.name &&
    one.iconUrl === other.iconUrl
  );
}
