// Text messages: links, LINE emojis in place of their "$", mentions, and textV2's {placeholders}.

import { lineEmoji } from "../draw/emoji.js";
import { h } from "../lib/dom.js";
import { list, number, record, text as words } from "../lib/safe.js";
import { linkify } from "../lib/text.js";
import { nameOfId } from "../model.js";

const bubble = (context, ...children) =>
  h("div.bubble.text", {}, context.quote(), h("div.words", {}, children));

export function text(message, context) {
  return bubble(context, withMarks(words(message.text), marksOf(message)));
}

/** Emojis and mentions of a text as {index, length, node}; places count UTF-16 units, as JavaScript does. */
function marksOf(message) {
  const emojis = list(message.emojis)
    .map(record)
    .map((one) => ({
      index: number(one.index, -1),
      length: number(one.length, 1),
      node: () => lineEmoji(one.productId, one.emojiId),
    }));
  const mentions = list(record(message.mention).mentionees)
    .map(record)
    .map((one) => ({
      index: number(one.index, -1),
      length: number(one.length, 0),
      node: (shown) => h("span.mention", {}, shown),
    }));
  return [...emojis, ...mentions]
    .filter((one) => one.index >= 0 && one.length > 0)
    .sort((a, b) => a.index - b.index);
}

function withMarks(whole, marks) {
  const parts = [];
  let end = 0;
  for (const { index, length, node } of marks) {
    if (index < end || index + length > whole.length) continue;
    parts.push(linkify(whole.slice(end, index)), node(whole.slice(index, index + length)));
    end = index + length;
  }
  return [...parts, linkify(whole.slice(end))];
}

const TOKEN = /\{\{|\}\}|\{([0-9a-zA-Z_]{1,20})\}/g;

export function textV2(message, context) {
  const whole = words(message.text);
  const substitution = record(message.substitution);
  const parts = [];
  let end = 0;
  let plain = "";
  const flush = () => {
    parts.push(linkify(plain));
    plain = "";
  };
  for (const match of whole.matchAll(TOKEN)) {
    plain += whole.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[1] === undefined) {
      plain += match[0][0];
      continue;
    }
    flush();
    parts.push(substituted(match, substitution, context.model));
  }
  plain += whole.slice(end);
  flush();
  return bubble(context, parts);
}

function substituted([token, key], substitution, model) {
  const found = Object.hasOwn(substitution, key) ? record(substitution[key]) : {};
  if (found.type === "emoji") return lineEmoji(found.productId, found.emojiId);
  if (found.type !== "mention") return token;
  const target = record(found.mentionee);
  return h("span.mention", {}, `@${target.type === "all" ? "All" : nameOfId(model, words(target.userId))}`);
}
