// What stands in place of the composer while the person is not the bot's friend: blocked, or not yet following.

import { h, put } from "../lib/dom.js";
import { me } from "../model.js";

export function createDoor({ model, sender, form }) {
  const box = h("div.door", { hidden: true });

  function draw() {
    const person = me(model);
    if (!person) return;
    const own = model.selected.kind === "person";
    const closed = own && (person.blocked || !person.friend);
    box.hidden = !closed;
    form.hidden = Boolean(closed);
    if (closed) put(box, ...notice(person, model.world.channel.name, sender));
  }
  model.on("world", draw);
  model.on("select", draw);
  return box;
}

function notice(person, bot, sender) {
  if (person.blocked) {
    return [
      h("p", {}, `${person.displayName} has blocked ${bot}.`),
      h(
        "button.button.primary",
        { type: "button", on: { click: () => sender.unblock(person.name) } },
        "Unblock",
      ),
    ];
  }
  return [
    h("p", {}, `${person.displayName} does not follow ${bot} yet.`),
    h(
      "button.button.primary",
      { type: "button", on: { click: () => sender.say({ follow: true }) } },
      "Follow",
    ),
  ];
}
