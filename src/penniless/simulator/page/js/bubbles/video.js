// Videos: a poster to tap. With a tracking id, watching to the end sends the videoPlayComplete event.

import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";
import { mediaUrl, text } from "../lib/safe.js";
import { addresses, picture } from "./media.js";

export function video(message, { entry, sender }) {
  const { original, preview } = addresses(message);
  const complete = () =>
    message.trackingId &&
    entry.from === "bot" &&
    sender.say({
      event: { type: "videoPlayComplete", videoPlayComplete: { trackingId: text(message.trackingId) } },
    });
  return h(
    "div.plain.video",
    {},
    poster({ url: original, preview, label: `Video from ${entry.name}`, onEnded: complete }),
  );
}

/** A button with a picture; pressed, it becomes the player. */
export function poster({ url, preview, label, onEnded }) {
  const cover = mediaUrl(preview);
  const button = h(
    "button.poster",
    { type: "button", "aria-label": `${label}: play`, disabled: !url },
    cover
      ? picture(cover, "")
      : url
        ? h("video", { src: url, preload: "metadata", muted: true, tabindex: -1, "aria-hidden": "true" })
        : null,
    h("span.play", {}, icon("play", 28)),
  );
  button.addEventListener("click", () => {
    const player = h("video", {
      src: url,
      controls: true,
      autoplay: true,
      playsinline: true,
      "aria-label": label,
    });
    if (onEnded) player.addEventListener("ended", onEnded);
    button.replaceWith(player);
    player.focus();
  });
  return button;
}
