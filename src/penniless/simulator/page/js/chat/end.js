// Keeps the end of the chat in view while it is in view; otherwise offers a button to go there.

import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";

const NEAR = 80; // pixels from the end within which new messages keep the end in view

export function createEnd(scroll, listBox) {
  let atEnd = true;
  let top = 0;
  const label = { "aria-label": "New messages: go to the end" };
  const button = h(
    "button.to-end",
    { type: "button", hidden: true, ...label },
    icon("down", 20),
    h("span", {}, "New messages"),
  );
  scroll.after(button);

  function jump() {
    atEnd = true;
    button.hidden = true;
    scroll.scrollTop = scroll.scrollHeight;
  }

  /** The end is left by going up, not by growing: a picture that loads moves the end, and nobody. */
  function look() {
    const near = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    if (near || scroll.scrollTop < top) atEnd = near;
    top = scroll.scrollTop;
    if (atEnd) button.hidden = true;
  }

  const keep = () => atEnd && jump();
  scroll.addEventListener("scroll", look, { passive: true });
  button.addEventListener("click", jump);
  const watch = new ResizeObserver(keep); // pictures load, rows get their real height, the keyboard opens
  watch.observe(listBox);
  watch.observe(scroll);
  return {
    jump,
    keep,
    /** A message was added; one's own is always shown. */
    arrived(own) {
      if (own || atEnd) jump();
      else button.hidden = false;
    },
  };
}
