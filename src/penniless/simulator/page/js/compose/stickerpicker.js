// The sticker picker: packages as tabs, twenty stickers each.

import { icon } from "../draw/icons.js";
import { drawSticker, PACKAGES, stickerName } from "../draw/stickers.js";
import { h, put } from "../lib/dom.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** `button` opens and closes `panel`; a chosen sticker closes it and goes to `onPick`. */
export function createStickerPicker({ onPick }) {
  const panel = h("div.sticker-panel", { hidden: true, id: "sticker-panel" });
  const label = { "aria-label": "Stickers", title: "Stickers" };
  const opens = { "aria-expanded": "false", "aria-controls": "sticker-panel" };
  const button = h("button.icon-button", { type: "button", ...label, ...opens }, icon("smile"));

  function show(open) {
    if (open && !panel.hasChildNodes()) fillPanel(panel, choose);
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  }

  function choose(sticker) {
    show(false);
    button.focus();
    onPick(sticker);
  }

  button.addEventListener("click", () => show(panel.hidden));
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    show(false);
    button.focus();
  });
  return { button, panel };
}

function fillPanel(panel, choose) {
  const tabs = h("div.sticker-tabs", { role: "tablist", "aria-label": "Sticker packages" });
  const grid = h("div.sticker-grid", { id: "sticker-grid", role: "tabpanel", "aria-label": "Stickers" });

  function go(index) {
    const chosen = (index + PACKAGES.length) % PACKAGES.length;
    put(
      tabs,
      PACKAGES.map((one, place) => tab(one, place, chosen, go)),
    );
    put(grid, choices(PACKAGES[chosen], choose));
    return tabs.children[chosen];
  }

  put(panel, tabs, grid);
  go(0);
}

function tab({ packageId, stickerIds }, index, chosen, go) {
  const on = index === chosen;
  const attributes = {
    type: "button",
    role: "tab",
    "aria-selected": String(on),
    tabindex: on ? 0 : -1,
    "aria-controls": "sticker-grid",
    "aria-label": `Package ${packageId}`,
  };
  const step = (event) => Object.hasOwn(STEPS, event.key) && go(index + STEPS[event.key]).focus();
  const handlers = { click: () => go(index).focus(), keydown: step };
  const picture = decoration(drawSticker(packageId, stickerIds[0], { plain: true }));
  return h("button.sticker-tab", { ...attributes, on: handlers }, picture);
}

function choices({ packageId, stickerIds }, choose) {
  return stickerIds.map((stickerId) => {
    const label = { "aria-label": stickerName(packageId, stickerId), title: `${packageId} / ${stickerId}` };
    const act = () => choose({ packageId, stickerId });
    const picture = decoration(drawSticker(packageId, stickerId));
    return h("button.sticker-choice", { type: "button", ...label, on: { click: act } }, picture);
  });
}

/** The button around it has the name already. */
function decoration(svg) {
  svg.removeAttribute("role");
  svg.removeAttribute("aria-label");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}
