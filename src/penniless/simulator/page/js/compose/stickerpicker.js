// The sticker picker: packages as tabs, twenty stickers each.

import { drawSticker, PACKAGES, stickerName } from "../draw/stickers.js";
import { icon } from "../draw/icons.js";
import { h, put } from "../lib/dom.js";

export function createStickerPicker({ onPick }) {
  let chosen = 0;
  const grid = h("div.sticker-grid", { id: "sticker-grid", role: "tabpanel", "aria-label": "Stickers" });
  const tabs = h("div.sticker-tabs", { role: "tablist", "aria-label": "Sticker packages" });
  const panel = h("div.sticker-panel", { hidden: true, id: "sticker-panel" }, tabs, grid);
  const button = h(
    "button.icon-button",
    {
      type: "button",
      "aria-label": "Stickers",
      title: "Stickers",
      "aria-expanded": "false",
      "aria-controls": "sticker-panel",
    },
    icon("smile"),
  );

  function draw() {
    put(
      tabs,
      PACKAGES.map((one, index) => tab(one, index)),
    );
    const { packageId, stickerIds } = PACKAGES[chosen];
    put(
      grid,
      stickerIds.map((stickerId) =>
        h(
          "button.sticker-choice",
          {
            type: "button",
            "aria-label": stickerName(packageId, stickerId),
            title: `${packageId} / ${stickerId}`,
            on: { click: () => choose({ packageId, stickerId }) },
          },
          decoration(drawSticker(packageId, stickerId)),
        ),
      ),
    );
  }

  function tab({ packageId, stickerIds }, index) {
    const on = index === chosen;
    return h(
      "button.sticker-tab",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(on),
        tabindex: on ? 0 : -1,
        "aria-controls": "sticker-grid",
        "aria-label": `Package ${packageId}`,
        on: { click: () => go(index), keydown: (event) => step(event) },
      },
      decoration(drawSticker(packageId, stickerIds[0], { plain: true })),
    );
  }

  function go(index) {
    chosen = (index + PACKAGES.length) % PACKAGES.length;
    draw();
    tabs.children[chosen].focus();
  }

  function step(event) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (way) go(chosen + way);
  }

  function show(open) {
    if (open) draw();
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

/** The button around it has the name already. */
function decoration(svg) {
  svg.removeAttribute("role");
  svg.removeAttribute("aria-label");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}
