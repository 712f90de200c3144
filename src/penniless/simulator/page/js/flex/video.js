// The video component, which stands in the hero only: its preview as a poster, then the player, and a link below.
// https://developers.line.biz/en/docs/messaging-api/create-flex-message-including-video/

import { poster } from "../bubbles/video.js";
import { css, h } from "../lib/dom.js";
import { linkUrl, mediaUrl, ratio, record, text } from "../lib/safe.js";

/** `instead(component)` draws altContent, which stands where the video cannot be shown. */
export function createVideo(instead) {
  return function video(given, context) {
    const url = mediaUrl(given.url);
    if (!url) return instead(given.altContent, context);
    const label = `Video from ${context.entry.name}`;
    const frame = h("div.fx-video", {}, poster({ url, preview: given.previewUrl, label }));
    css(frame, { "--ratio": ratio(given.aspectRatio) ?? "1 / 1" });
    frame.addEventListener(
      "error",
      (event) => fallBack(event, frame, () => instead(given.altContent, context)),
      true,
    );
    const link = linkBelow(record(given.action), context);
    if (link) frame.append(link);
    return frame;
  };
}

/** A player that fails (not a picture: the poster has its own notice) gives way to altContent. */
function fallBack(event, frame, drawn) {
  if (!event.target.matches("video")) return;
  const other = drawn();
  if (other) frame.replaceWith(other);
}

function linkBelow(action, { perform }) {
  if (action.type !== "uri" || !linkUrl(action.uri)) return null;
  return h(
    "button.fx-video-link",
    { type: "button", on: { click: () => perform(action) } },
    text(action.label) || text(action.uri),
  );
}
