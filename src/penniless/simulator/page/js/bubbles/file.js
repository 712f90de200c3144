// Files that a person sent (bots cannot send files).

import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";
import { number, text } from "../lib/safe.js";
import { addresses } from "./media.js";

const UNITS = ["bytes", "KB", "MB", "GB"];

export function size(bytes) {
  const step = bytes > 0 ? Math.min(3, Math.floor(Math.log2(bytes) / 10)) : 0;
  const found = bytes / 1024 ** step;
  return `${step && found < 10 ? found.toFixed(1) : Math.round(found)} ${UNITS[step]}`;
}

export function file(message) {
  const { original } = addresses(message);
  const name = text(message.fileName) || "File";
  const inside = [
    icon("file", 30),
    h("span.file-name", {}, h("bdi", {}, name), h("small", {}, size(number(message.fileSize, 0, 0)))),
  ];
  return original
    ? h("a.bubble.file", { href: original, download: name }, inside)
    : h("div.bubble.file", {}, inside);
}
