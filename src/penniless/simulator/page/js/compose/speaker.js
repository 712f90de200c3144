// In a group: which member is speaking.

import { avatar } from "../draw/avatar.js";
import { h, put } from "../lib/dom.js";
import { groupNamed, personNamed, select } from "../model.js";

export function createSpeaker(model) {
  const box = h("div.speaker", { hidden: true, role: "radiogroup", "aria-label": "Speak as" });

  function draw() {
    const { selected } = model;
    const group = selected?.kind === "group" ? groupNamed(model, selected.name) : null;
    box.hidden = !group?.members.length;
    const focused = box.contains(document.activeElement);
    put(
      box,
      h("span.speaker-label", { "aria-hidden": "true" }, "Speak as"),
      (group?.members ?? []).map((name) => choice(name, selected)),
    );
    if (focused) box.querySelector("input:checked")?.focus();
  }

  /** In a large group the one who speaks may stand beyond the edge. */
  function reveal() {
    const chosen = box.querySelector("label:has(input:checked)");
    chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function choice(name, selected) {
    const person = personNamed(model, name);
    if (!person) return null;
    const input = h("input", { type: "radio", name: "speaker", value: name, checked: name === selected.me });
    input.addEventListener("change", () => select(model, { kind: "group", name: selected.name, as: name }));
    return h(
      "label",
      {},
      input,
      avatar({ name: person.displayName, ground: person.color, size: 28 }),
      h("span", {}, person.displayName),
    );
  }
  model.on("world", draw);
  model.on("select", draw);
  model.on("select", reveal);
  return box;
}
