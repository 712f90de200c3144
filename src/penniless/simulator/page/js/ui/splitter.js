// The bar between chat and inspector: drag it, or move it with the arrow keys.

import { byId, css, h } from "../lib/dom.js";
import { remember, remembered } from "../lib/storage.js";

const LOW = 300;
const HIGH = 760;
const START = 430;
const STEPS = { ArrowLeft: 24, ArrowRight: -24 };

export function createSplitter() {
  const bar = byId("splitter");
  let width = Number(remembered("inspector-width", START)) || START;

  function set(wanted) {
    width = Math.round(Math.min(HIGH, Math.max(LOW, wanted)));
    css(byId("app"), { "--inspector-width": `${width}px` });
    bar.setAttribute("aria-valuenow", width);
    remember("inspector-width", width);
  }

  describe(bar);
  onDrag(bar, (x) => set(innerWidth - x));
  bar.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(STEPS, event.key)) return;
    event.preventDefault();
    set(width + STEPS[event.key]);
  });
  set(width);
}

function describe(bar) {
  const attributes = {
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-label": "Width of the inspector",
    "aria-valuemin": LOW,
    "aria-valuemax": HIGH,
    "aria-controls": "inspector",
  };
  for (const [name, value] of Object.entries(attributes)) bar.setAttribute(name, value);
  bar.append(h("span", { "aria-hidden": "true" }));
}

function onDrag(bar, act) {
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    const move = (moved) => act(moved.clientX);
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", move), {
      once: true,
    });
  });
}
