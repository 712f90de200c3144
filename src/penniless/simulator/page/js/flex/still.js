// Without `animated` a moving picture (APNG) shows its first frame: a canvas in front of the picture.
// https://developers.line.biz/en/reference/messaging-api/#f-image

import { h } from "../lib/dom.js";

const NEVER_MOVES = /\.jpe?g$/i;

/** `frame` holds the <img>; a canvas draws the first frame of a moving picture, so the specification says. */
export function holdStill(frame, url) {
  const image = frame.querySelector("img");
  if (!image || NEVER_MOVES.test(new URL(url, location.origin).pathname)) return;
  image.addEventListener("load", () => cover(frame, image), { once: true });
}

function cover(frame, image) {
  const { width, height } = drawnSize(frame, image);
  if (!width || !height) return;
  const canvas = h("canvas.fx-still", { width, height, "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  frame.append(canvas);
}

/** No more pixels than the screen shows. */
function drawnSize(frame, { naturalWidth, naturalHeight }) {
  const shown = 2 * Math.max(frame.clientWidth, frame.clientHeight, 320);
  const share = Math.min(1, shown / Math.max(naturalWidth, naturalHeight, 1));
  return { width: Math.round(naturalWidth * share), height: Math.round(naturalHeight * share) };
}
