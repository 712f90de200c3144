// JSON as people read it: indented, coloured, and made of text nodes only.

import { icon } from "../draw/icons.js";
import { copyText } from "../actions.js";
import { h } from "../lib/dom.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function colored(source) {
  const parts = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    parts.push(source.slice(end, match.index));
    const [whole, string, colon] = match;
    if (string && colon) parts.push(h("span.json-key", {}, string), colon);
    else parts.push(h(string ? "span.json-string" : "span.json-other", {}, whole));
    end = match.index + whole.length;
  }
  return [...parts, source.slice(end)];
}

/** A titled block with a button that copies it. */
export function jsonBlock(title, value) {
  const source = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return h(
    "section.json",
    {},
    h(
      "h3",
      {},
      title,
      h(
        "button.icon-button.small",
        { type: "button", "aria-label": `Copy: ${title}`, on: { click: () => copyText(source) } },
        icon("copy", 16),
      ),
    ),
    h("pre", { tabindex: 0, "aria-label": title }, colored(source)),
  );
}

/** Names and values, as headers are. */
export function pairs(title, values) {
  const rows = Object.entries(values ?? {}).map(([name, value]) => [
    h("dt", {}, name),
    h("dd", {}, String(value)),
  ]);
  return rows.length ? h("section.json", {}, h("h3", {}, title), h("dl", {}, rows)) : null;
}
