// What stands in place of the composer where nobody can speak: in the chat of somebody who has blocked the bot or does
// not follow it yet, and in a group that all have left.

import { h, put } from "../lib/dom.js";
import { me } from "../model.js";
import { openMembers } from "../people/members.js";

export function createDoor({ model, sender, form }) {
  const box = h("div.door", { hidden: true });

  function draw() {
    if (!model.selected) return;
    const parts = notice(model, sender);
    box.hidden = !parts;
    form.hidden = Boolean(parts);
    put(box, parts);
  }
  model.on("world", draw);
  model.on("select", draw);
  return box;
}

/** What is said there, and the button that opens the door; null while somebody can speak. */
function notice(model, sender) {
  const { selected, world } = model;
  const person = me(model);
  if (selected.kind === "group") {
    const open = () => openMembers(selected.name, { model, sender });
    return person ? null : said(`Nobody is in ${selected.name}.`, "Members", open);
  }
  if (person?.blocked)
    return said(`${person.displayName} has blocked ${world.channel.name}.`, "Unblock", () =>
      sender.unblock(person.name),
    );
  if (person && !person.friend)
    return said(`${person.displayName} does not follow ${world.channel.name} yet.`, "Follow", () =>
      sender.say({ follow: true }),
    );
  return null;
}

const said = (words, label, click) => [
  h("p", {}, words),
  h("button.button.primary", { type: "button", on: { click } }, label),
];
