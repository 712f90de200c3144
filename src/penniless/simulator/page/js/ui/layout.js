// Which panels are open. On a laptop the inspector stands beside the chat and can be folded away; on a phone the
// list of chats and the inspector are drawers over the chat.

import { byId } from "../lib/dom.js";
import { remember, remembered } from "../lib/storage.js";
import { createSplitter } from "./splitter.js";

const WIDE = matchMedia("(min-width: 1080px)");
const SMALL = matchMedia("(max-width: 719px)");
const PANELS = ["inspector", "rail"];

const isDrawer = (name) => (name === "rail" ? SMALL.matches : !WIDE.matches);
const atStart = () => ({
  inspector: WIDE.matches && remembered("inspector", "open") === "open",
  rail: false,
});

/** toggle(name), close(name), isOpen(name) for "inspector" and "rail"; `onChange` listens. */
export function createLayout() {
  const listeners = [];
  let open = atStart();

  function apply() {
    show(open);
    for (const fn of listeners) fn();
  }

  function set(name, wanted) {
    open[name] = wanted;
    const other = PANELS.find((one) => one !== name);
    if (wanted && isDrawer(name) && isDrawer(other)) open[other] = false;
    if (name === "inspector" && WIDE.matches) remember("inspector", wanted ? "open" : "closed");
    apply();
    moveFocus(name, wanted);
  }

  function closeDrawers() {
    for (const name of PANELS) if (open[name] && isDrawer(name)) set(name, false);
  }

  byId("scrim").addEventListener("click", closeDrawers);
  addEventListener("keydown", (event) => {
    const mine = event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]");
    if (mine) closeDrawers();
  });
  WIDE.addEventListener("change", () => {
    open = atStart();
    apply();
  });
  SMALL.addEventListener("change", apply);
  createSplitter();
  apply();
  return {
    toggle: (name) => set(name, !open[name]),
    close: (name) => set(name, false),
    isOpen: (name) => open[name],
    onChange: (fn) => listeners.push(fn),
  };
}

/** What is folded away is out of reach of the keyboard and of screen readers too. */
function show(open) {
  for (const name of PANELS) {
    byId("app").classList.toggle(`${name}-open`, open[name]);
    byId(name).inert = !open[name] && (isDrawer(name) || name === "inspector");
  }
  byId("scrim").hidden = !PANELS.some((name) => open[name] && isDrawer(name));
}

/** Into a drawer that opens; out of a panel that closes, to the button that opens it. */
function moveFocus(name, opened) {
  const panel = byId(name);
  if (opened && isDrawer(name)) panel.querySelector("button")?.focus();
  const lost = document.activeElement === document.body || panel.contains(document.activeElement);
  if (!opened && lost) document.querySelector(`button[aria-controls="${name}"]`)?.focus();
}
