// What images, video and audio share: where the bytes are, and what stands there when they do not come.

import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";
import { mediaUrl, record, text } from "../lib/safe.js";

/** The address of the content and of its preview, whoever sent it. */
export function addresses(message) {
  const provider = record(message.contentProvider);
  const original = message.url ?? message.originalContentUrl ?? provider.originalContentUrl;
  const preview = message.previewUrl ?? message.previewImageUrl ?? provider.previewImageUrl;
  const own = message.id ? mediaUrl(`/sim/media/${encodeURIComponent(text(message.id))}`) : null;
  return { original: mediaUrl(original) ?? own, preview: mediaUrl(preview) };
}

/** An <img> that says so when its address gives no picture. */
export function picture(url, description, { onFail } = {}) {
  if (!url) return missing(description);
  const element = h("img", { src: url, alt: description, referrerpolicy: "no-referrer", decoding: "async" });
  element.addEventListener(
    "error",
    () => {
      element.replaceWith(missing(description, url));
      onFail?.();
    },
    { once: true },
  );
  return element;
}

function missing(description, url = "") {
  return h(
    "span.missing",
    { role: "img", "aria-label": `${description}: could not be loaded` },
    icon("image", 26),
    h("span", {}, "Could not be loaded"),
    url ? h("small", { title: url }, url) : null,
  );
}
