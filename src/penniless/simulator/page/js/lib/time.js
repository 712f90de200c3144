// Times as the page writes them: 24 hours, the reader's own time zone.

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false });
const EXACT = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});
const DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
});
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const clock = (ms) => CLOCK.format(ms);
export const exact = (ms) => EXACT.format(ms);
export const full = (ms) => FULL.format(ms);
export const iso = (ms) => new Date(ms).toISOString();
export const sameMinute = (a, b) => Math.floor(a / 60_000) === Math.floor(b / 60_000);

/** A key that is equal for two moments of one day here. */
export function dayKey(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** "Today", "Yesterday" or "Sat, 22 Nov 2025". */
export function dayName(ms, now = Date.now()) {
  if (dayKey(ms) === dayKey(now)) return "Today";
  if (dayKey(ms) === dayKey(now - 86_400_000)) return "Yesterday";
  return DAY.format(ms);
}

/** "14:05" today, else "22/11". */
export function brief(ms, now = Date.now()) {
  if (dayKey(ms) === dayKey(now)) return clock(ms);
  const date = new Date(ms);
  return `${date.getDate()}/${date.getMonth() + 1}`;
}

/** 83,000 ms as "1:23". */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
