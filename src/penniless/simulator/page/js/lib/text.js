// Text as people read it: graphemes, links, and the one-line summary of any message.

import { h } from "./dom.js";
import { linkUrl, list, pick, record, text } from "./safe.js";

const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first grapheme cluster: one emoji, one letter with its marks. */
export function firstGrapheme(value) {
  for (const { segment } of segments.segment(text(value).trim())) return segment;
  return "?";
}

// The characters of RFC 3986 only, so that "https://example.comをみて" ends where a reader thinks it ends.
const LINK = /https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/gi;

/** Splits a text into strings and <a> elements. Newlines stay (the style keeps them). */
export function linkify(value) {
  const whole = text(value);
  const parts = [];
  let end = 0;
  for (const match of whole.matchAll(LINK)) {
    const address = trimLink(match[0]);
    const url = linkUrl(address);
    if (!url) continue;
    parts.push(whole.slice(end, match.index), link(url, address));
    end = match.index + address.length;
  }
  parts.push(whole.slice(end));
  return parts.filter((part) => part !== "");
}

function trimLink(found) {
  const address = found.replace(/[.,;:!?'"]+$/, "");
  const open = (address.match(/\(/g) ?? []).length;
  const closed = (address.match(/\)/g) ?? []).length;
  return closed > open ? address.replace(/\)[^)]*$/, "") : address;
}

function link(url, shown) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, shown);
}

const SUMMARY = {
  sticker: () => "Sticker",
  image: () => "Photo",
  video: () => "Video",
  audio: () => "Voice message",
  file: (message) => message.fileName || "File",
  location: (message) => message.title || message.address || "Location",
  coupon: () => "Coupon",
};

/** One line that stands for the message in lists, quotes and announcements. */
export function summary(entry) {
  if (entry.unsent) return "Message unsent";
  const message = record(entry.message);
  const named = pick(SUMMARY, message.type)?.(message);
  return text(named || entry.text || message.text || message.altText) || `[${text(message.type)}]`;
}

// Characters that neither traditional Chinese nor Japanese has: without them a text passes for traditional Chinese.
const SIMPLIFIED = /[们这为时说对过还问见关开发进远东车长门间书买卖红绿钱银铁饭馆鱼鸟欢简请谢让认话语读]/;

/** The language of a text as far as its script tells: for fonts, line breaks and screen readers. */
export function guessLanguage(value, otherwise = "") {
  const sample = text(value).slice(0, 400);
  if (/[\u3040-\u30ff\uff66-\uff9f]/.test(sample)) return "ja";
  if (/[\u0e00-\u0e7f]/.test(sample)) return "th";
  if (/[\uac00-\ud7af]/.test(sample)) return "ko";
  if (/[\u0600-\u06ff]/.test(sample)) return "ar";
  if (SIMPLIFIED.test(sample)) return "zh-Hans";
  if (/[\u4e00-\u9fff]/.test(sample)) return /^(ja|zh|ko)/.test(otherwise) ? otherwise : "zh-Hant";
  return null;
}

/** What all the texts inside a message say, for guessLanguage. */
export function allText(value, depth = 0) {
  if (typeof value === "string") return /^https?:/.test(value) ? "" : value;
  if (depth > 12 || value === null || typeof value !== "object") return "";
  return list(Object.values(value))
    .map((one) => allText(one, depth + 1))
    .join(" ");
}
