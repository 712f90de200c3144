// Values as Python writes them.

import { list } from "../lib/safe.js";

const WORDS = new Map([
  [null, "None"],
  [undefined, "None"],
  [true, "True"],
  [false, "False"],
]);

/** JSON as a Python literal. Texts are in double quotes, and stay readable in any script. */
export function literal(value) {
  if (WORDS.has(value)) return WORDS.get(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${list(value).map(literal).join(", ")}]`;
  if (typeof value === "object") {
    const pairs = Object.entries(value).map(([key, one]) => `${quoted(key)}: ${literal(one)}`);
    return `{${pairs.join(", ")}}`;
  }
  return String(value);
}

// JSON's escapes are Python's too, but for lone surrogates and the characters that end a line.
const quoted = (value) =>
  JSON.stringify(value.toWellFormed?.() ?? value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A name that Python takes for a variable, and that is none of `taken`. */
export function variable(name, taken) {
  const plain = name.replace(/[^\p{L}\p{N}_]/gu, "_").replace(/^(?=\p{N}|_*$)/u, "chat_");
  let found = RESERVED.has(plain) ? `${plain}_` : plain;
  while (taken.has(found)) found = `${found}_`;
  taken.add(found);
  return found;
}

const RESERVED = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield match case type line clock bot"
  ).split(" "),
);
