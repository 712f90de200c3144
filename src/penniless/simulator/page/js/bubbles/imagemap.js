// Imagemaps: one picture with areas to tap, and perhaps a video in one of them. Areas are given in units of baseSize.
// https://developers.line.biz/en/reference/messaging-api/#imagemap-message

import { css, h } from "../lib/dom.js";
import { linkUrl, list, mediaUrl, number, record, text } from "../lib/safe.js";
import { picture } from "./media.js";
import { poster } from "./video.js";

const LARGEST = "1040"; // the widths a client may ask for are 240, 300, 460, 700 and 1040

export function imagemap(message, context) {
  const base = record(message.baseSize);
  const size = { width: number(base.width, 1040, 1), height: number(base.height, 1040, 1) };
  const url = mediaUrl(`${text(message.baseUrl)}/${LARGEST}`);
  const element = h(
    "div.plain.imagemap",
    { role: "group", "aria-label": text(message.altText) },
    picture(url, text(message.altText)),
    video(message.video, size, context),
    list(message.actions).map((action) => area(record(action), size, context)),
  );
  return css(element, { "aspect-ratio": `${size.width} / ${size.height}` });
}

function placed(element, given, size) {
  const { x, y, width, height } = record(given);
  const percent = (value, whole) => `${(number(value, 0, 0) * 100) / whole}%`;
  return css(element, {
    left: percent(x, size.width),
    top: percent(y, size.height),
    width: percent(width, size.width),
    height: percent(height, size.height),
  });
}

/** An area's own action types, in the terms of the common ones. */
function common(action) {
  if (action.type === "uri") return { type: "uri", uri: action.linkUri };
  return action;
}

function area(action, size, { perform }) {
  const label =
    text(action.label) ||
    text(action.text) ||
    text(action.linkUri) ||
    text(action.clipboardText) ||
    text(action.type);
  return placed(
    h("button.area", {
      type: "button",
      "aria-label": label,
      title: label,
      on: { click: () => perform(common(action)) },
    }),
    action.area,
    size,
  );
}

function video(given, size, { entry }) {
  if (!given) return null;
  const { originalContentUrl, previewImageUrl, area: place, externalLink } = record(given);
  const box = placed(h("div.imagemap-video"), place, size);
  const link = linkUrl(record(externalLink).linkUri);
  const after = () =>
    link &&
    box.append(
      h(
        "a.button",
        { href: link, target: "_blank", rel: "noopener noreferrer" },
        text(externalLink.label) || link,
      ),
    );
  box.append(
    poster({
      url: mediaUrl(originalContentUrl),
      preview: previewImageUrl,
      label: `Video from ${entry.name}`,
      onEnded: after,
    }),
  );
  return box;
}
