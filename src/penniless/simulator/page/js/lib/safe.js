// Everything that a bot sends and that becomes an address, a colour or a length passes through here.
// Each function gives back a harmless value or null; nothing else of the page may build such a value from a message.

const SAMPLES = "sample.invalid"; // reserved by RFC 2606: stands for the simulator's own pictures

export const text = (value) => (value === null || value === undefined ? "" : String(value));
export const list = (value) => (Array.isArray(value) ? value : []);
export const record = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};

function parse(value) {
  try {
    return new URL(text(value), location.origin);
  } catch {
    return null;
  }
}

/** An address that may be opened in a new tab (http or https), or null. */
export function linkUrl(value) {
  if (!/^https?:\/\//i.test(text(value).trim())) return null;
  const url = parse(text(value).trim());
  if (!url || !["http:", "https:"].includes(url.protocol)) return null;
  return sampleUrl(url) ?? url.href;
}

/** An address for <img>, <video>, <audio>: http(s), or the simulator's own; or null. */
export function mediaUrl(value) {
  if (!value) return null;
  const url = parse(value);
  if (!url) return null;
  if (url.protocol === "blob:" && url.origin === location.origin) return url.href;
  if (!["http:", "https:"].includes(url.protocol)) return null;
  return sampleUrl(url) ?? url.href;
}

function sampleUrl(url) {
  return url.hostname === SAMPLES ? `/sim/samples${url.pathname}` : null;
}

/** `#RRGGBB` or `#RRGGBBAA` (and the short forms), or null. */
export function color(value) {
  return /^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(text(value)) ? text(value) : null;
}

/** `12px`, `50%` where allowed, or a keyword of `keywords`; or null. */
export function length(value, keywords = {}, { percent = true, negative = false } = {}) {
  const word = text(value);
  if (Object.hasOwn(keywords, word)) return keywords[word];
  const found = /^(-?)(\d{1,5}(?:\.\d{1,4})?)(px|%)$/.exec(word);
  if (!found || (found[1] && !negative) || (found[3] === "%" && !percent)) return null;
  return word;
}

/** `3:4` as the CSS ratio `3 / 4`, or null. */
export function ratio(value) {
  const found = /^(\d{1,6}(?:\.\d+)?):(\d{1,6}(?:\.\d+)?)$/.exec(text(value));
  return found && Number(found[1]) > 0 && Number(found[2]) > 0 ? `${found[1]} / ${found[2]}` : null;
}

/** `45deg`, or null. */
export function angle(value) {
  return /^\d{1,3}(?:\.\d+)?deg$/.test(text(value)) ? text(value) : null;
}

/** A finite number within bounds, or the fallback. */
export function number(value, fallback = 0, low = -Infinity, high = Infinity) {
  const found = Number(value);
  return Number.isFinite(found) && value !== null && value !== ""
    ? Math.min(high, Math.max(low, found))
    : fallback;
}

/** The table's value for a key of its own, or undefined: `constructor` and friends are no keys. */
export function pick(table, key) {
  return Object.hasOwn(table, text(key)) ? table[text(key)] : undefined;
}
