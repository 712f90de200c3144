// Beside the chat: everything that went over the wire, the bot's log as stored, faults on purpose, the settings.

import { icon } from "../draw/icons.js";
import { add, h, put } from "../lib/dom.js";
import { createFaults } from "./faults.js";
import { createLog } from "./log.js";
import { createSettings } from "./settings.js";
import { createWire } from "./wire.js";

const PANELS = {
  wire: ["Wire", createWire],
  log: ["Log", createLog],
  faults: ["Faults", createFaults],
  settings: ["Settings", createSettings],
};

export function createInspector(box, { model, layout }) {
  const parts = Object.entries(PANELS).map(([name, [label, create]]) => {
    const count = h("span.count", {});
    const panel = h("div.panel", { id: `panel-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}` });
    return { name, create, count, panel, tab: tab(name, label, count, choose) };
  });

  function choose(name) {
    for (const one of parts) {
      one.tab.setAttribute("aria-selected", String(one.name === name));
      one.tab.tabIndex = one.name === name ? 0 : -1;
      one.panel.hidden = one.name !== name;
      if (one.name === name) one.panel.dispatchEvent(new Event("shown"));
    }
  }

  add(
    box,
    head(model, layout),
    h(
      "div.tabs",
      { role: "tablist", "aria-label": "Inspector", on: { keydown: (event) => step(event, parts, choose) } },
      parts.map((one) => one.tab),
    ),
    parts.map((one) => one.panel),
  );
  choose("wire");
  for (const { create, panel, count } of parts) {
    create(panel, { model, onCount: (number) => put(count, number) });
  }
}

const head = (model, layout) =>
  h(
    "div.inspector-head",
    {},
    h("h2", {}, "Inspector"),
    quota(model),
    h(
      "button.icon-button.inspector-close",
      {
        type: "button",
        "aria-label": "Close the inspector",
        on: { click: () => layout.close("inspector") },
      },
      icon("close"),
    ),
  );

function tab(name, label, count, choose) {
  return h(
    "button.tab",
    {
      type: "button",
      role: "tab",
      id: `tab-${name}`,
      "aria-controls": `panel-${name}`,
      on: { click: () => choose(name) },
    },
    label,
    count,
  );
}

function step(event, parts, choose) {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!way) return;
  const now = parts.findIndex((one) => one.tab === document.activeElement);
  const next = parts[(now + way + parts.length) % parts.length];
  choose(next.name);
  next.tab.focus();
}

/** Pushes are counted, replies are free: how many of the month's are used. */
function quota(model) {
  const box = h("p.quota", {});
  model.on("world", ({ channel }) => {
    const { type, value, used } = channel.quota ?? {};
    put(box, type === "limited" ? `Pushes ${used} / ${value}` : `Pushes ${used ?? 0}`);
    box.title = "Push, multicast, narrowcast and broadcast count; replies are free.";
  });
  return box;
}
