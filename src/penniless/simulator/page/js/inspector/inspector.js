// Beside the chat: everything that went over the wire, and the bot's log as stored.

import { icon } from "../draw/icons.js";
import { add, h, put } from "../lib/dom.js";
import { createLog } from "./log.js";
import { createWire } from "./wire.js";

export function createInspector(box, { model, layout }) {
  const wire = h("div.panel", { id: "panel-wire", role: "tabpanel", "aria-labelledby": "tab-wire" });
  const log = h("div.panel", {
    id: "panel-log",
    role: "tabpanel",
    "aria-labelledby": "tab-log",
    hidden: true,
  });
  const panels = { wire, log };
  const wireCount = h("span.count", {});
  const logCount = h("span.count", {});
  const tabs = {
    wire: tab("wire", "Wire", wireCount, choose),
    log: tab("log", "Log", logCount, choose),
  };

  function choose(name) {
    for (const [one, element] of Object.entries(tabs)) {
      element.setAttribute("aria-selected", String(one === name));
      element.tabIndex = one === name ? 0 : -1;
      panels[one].hidden = one !== name;
    }
  }

  add(
    box,
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
    ),
    h(
      "div.tabs",
      { role: "tablist", "aria-label": "Inspector", on: { keydown: (event) => step(event, tabs, choose) } },
      Object.values(tabs),
    ),
    wire,
    log,
  );
  choose("wire");
  createWire(wire, { model, onCount: (count) => put(wireCount, count) });
  createLog(log, { model, onCount: (count) => put(logCount, count) });
}

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

function step(event, tabs, choose) {
  const names = Object.keys(tabs);
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!way) return;
  const now = names.findIndex((name) => tabs[name] === document.activeElement);
  const next = names[(now + way + names.length) % names.length];
  choose(next);
  tabs[next].focus();
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
