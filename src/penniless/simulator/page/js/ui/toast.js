// Short notices at the bottom of the screen; read out by screen readers, gone after a while.

import { byId, h } from "../lib/dom.js";

const SHOWN_MS = 4500;

export function toast(sentence, { bad = false } = {}) {
  const element = h(bad ? "div.toast.bad" : "div.toast", {}, sentence);
  const box = byId("toasts");
  while (box.children.length >= 3) box.firstChild.remove();
  box.append(element);
  setTimeout(() => element.remove(), bad ? SHOWN_MS * 2 : SHOWN_MS);
  element.addEventListener("click", () => element.remove());
}

/** For screen readers only: a message that came in. */
export function announce(sentence) {
  const box = byId("announcer");
  box.append(h("p", {}, sentence));
  while (box.children.length > 5) box.firstChild.remove();
}
