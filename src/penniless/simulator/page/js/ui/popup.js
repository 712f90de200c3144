// A small menu at a point or beneath a button: arrow keys, Home, End, Escape, a click elsewhere closes it.

import { byId, css, h } from "../lib/dom.js";
import { icon } from "../draw/icons.js";

let open = null;

/** items: {label, icon, act, danger?, checked?} or null for a line. `at` is an element or {x, y}. */
export function popup({ label, items, at }) {
  close();
  const before = document.activeElement;
  const buttons = items.map((item) => (item ? entry(item, before) : h("hr")));
  const menu = h("div.popup", { role: "menu", "aria-label": label, tabindex: -1 }, buttons);
  byId("talk").append(menu); // in a landmark
  place(menu, at);
  open = { menu, before };
  menu.addEventListener("keydown", (event) => steer(event, menu));
  (menu.querySelector("button") ?? menu).focus();
}

function entry(item, before) {
  const kind =
    item.checked === undefined
      ? { role: "menuitem" }
      : { role: "menuitemradio", "aria-checked": String(item.checked) };
  const choose = () => {
    close();
    before?.focus?.();
    item.act();
  };
  return h(
    item.danger ? "button.popup-item.danger" : "button.popup-item",
    { type: "button", ...kind, tabindex: -1, on: { click: choose } },
    icon(item.icon ?? "check", 20),
    h("span", {}, item.label),
  );
}

function place(menu, at) {
  const { width, height } = menu.getBoundingClientRect();
  const anchor =
    at instanceof Element ? at.getBoundingClientRect() : { left: at.x, right: at.x, top: at.y, bottom: at.y };
  const below = anchor.bottom + 6 + height <= innerHeight;
  const top = below ? anchor.bottom + 6 : Math.max(8, anchor.top - height - 6);
  const left = Math.min(Math.max(8, anchor.left), innerWidth - width - 8);
  css(menu, { left: `${left}px`, top: `${top}px` });
}

const MOVES = {
  ArrowDown: (i, n) => (i + 1) % n,
  ArrowUp: (i, n) => (i - 1 + n) % n,
  Home: () => 0,
  End: (_, n) => n - 1,
};

function steer(event, menu) {
  const buttons = [...menu.querySelectorAll("button")];
  if (Object.hasOwn(MOVES, event.key)) {
    event.preventDefault();
    buttons[MOVES[event.key](buttons.indexOf(document.activeElement), buttons.length)]?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    const { before } = open;
    close();
    before?.focus?.();
  }
}

export function close() {
  open?.menu.remove();
  open = null;
}

document.addEventListener(
  "pointerdown",
  (event) => open && !open.menu.contains(event.target) && close(),
  true,
);
addEventListener("resize", close);
