// Images: the preview in the chat, the original in the lightbox.

import { h } from "../lib/dom.js";
import { openPicture } from "../ui/lightbox.js";
import { addresses, picture } from "./media.js";

export function image(message, { entry }) {
  const { original, preview } = addresses(message);
  const description = `Photo from ${entry.name}`;
  const button = h("button.plain.photo", { type: "button", "aria-label": `${description}: enlarge` });
  const disable = () => {
    button.disabled = true;
  };
  button.append(picture(preview ?? original, description, { onFail: disable }));
  button.addEventListener("click", () => original && openPicture(original, description));
  return button;
}
