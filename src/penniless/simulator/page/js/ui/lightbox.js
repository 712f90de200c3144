// A picture at full size, above everything.

import { h } from "../lib/dom.js";
import { icon } from "../draw/icons.js";
import { closeButton, show } from "./dialog.js";

export function openPicture(url, description) {
  const picture = h("img", { src: url, alt: description, referrerpolicy: "no-referrer" });
  const dialog = h(
    "dialog.lightbox",
    { "aria-label": description },
    h(
      "div.lightbox-bar",
      {},
      h(
        "a.icon-button",
        { href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": "Open in a new tab" },
        icon("out"),
      ),
      closeButton(() => dialog),
    ),
    picture,
  );
  picture.addEventListener("click", () => dialog.close());
  show(dialog);
}
