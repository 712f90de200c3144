// Mentions in groups: after an "@" the names that fit are offered; "@" and a whole name is a mention.

import { h, put } from "../lib/dom.js";
import { groupNamed, personNamed } from "../model.js";

/** Whom one can mention in the open chat, as [name for the simulator, name as shown]; nobody in a 1:1 chat. */
function mentionable(model) {
  const { selected, world } = model;
  const group = selected?.kind === "group" ? groupNamed(model, selected.name) : null;
  if (!group) return [];
  return [
    ...(group.hasBot ? [["bot", world.channel.name]] : []),
    ["all", "All"],
    ...group.members.map((name) => [name, personNamed(model, name)?.displayName ?? name]),
  ];
}

/** `{mentions: [...]}` for POST /sim/message, or nothing. */
export function mentionsIn(words, model) {
  if (!words.includes("@")) return {};
  const mentions = mentionable(model)
    .filter(([, shown]) => words.includes(`@${shown}`))
    .map(([name]) => name);
  return mentions.length ? { mentions } : {};
}

const AT = /@([^@\s]*)$/;

/** The row of names above the box; a name that is chosen replaces what was typed of it. */
export function createMentions(area, { model }) {
  const box = h("div.mentions", { hidden: true, role: "group", "aria-label": "Mention" });

  function draw() {
    const typed = AT.exec(area.value.slice(0, area.selectionStart))?.[1].toLowerCase();
    const fits = ([, shown]) => shown.toLowerCase().startsWith(typed) && shown.toLowerCase() !== typed;
    const found = typed === undefined ? [] : mentionable(model).filter(fits);
    box.hidden = found.length === 0;
    put(
      box,
      found.map(([, shown]) =>
        h("button.chip", { type: "button", on: { click: () => choose(shown) } }, `@${shown}`),
      ),
    );
  }

  function choose(shown) {
    const at = area.selectionStart;
    const before = area.value.slice(0, at).replace(AT, `@${shown} `);
    area.setRangeText(before, 0, at, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  for (const name of ["input", "click", "keyup"]) area.addEventListener(name, draw);
  model.on("select", draw);
  return box;
}
