// Who is in a group: members leave, others join, and so does the bot. Each of it is a webhook.

import { avatar } from "../draw/avatar.js";
import { h, put } from "../lib/dom.js";
import { groupNamed, people } from "../model.js";
import { closeButton, show } from "../ui/dialog.js";

export function openMembers(name, { model, sender }) {
  const list = h("ul.member-list", {});
  const draw = () => {
    const group = groupNamed(model, name);
    if (group) redraw(list, rows(group, { model, sender }));
    else dialog.close();
  };
  const dialog = h(
    "dialog.dialog.members-dialog",
    { "aria-label": `Members of ${name}` },
    h(
      "div.dialog-head",
      {},
      h("h2", {}, name),
      closeButton(() => dialog),
    ),
    list,
  );
  const stop = model.on("world", draw);
  draw();
  show(dialog, stop);
}

/** Drawn anew; the button that had the focus has it afterwards. */
function redraw(list, children) {
  const key = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  put(list, children);
  if (key) [...list.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
}

function rows(group, { model, sender }) {
  const { channel } = model.world;
  const change = (who, inside) => () => (inside ? sender.leave : sender.join)(group.name, who);
  const bot = row({
    key: "bot",
    shown: channel.name,
    face: avatar({ name: channel.name, url: channel.pictureUrl, ground: "#12324f", size: 36 }),
    inside: group.hasBot,
    words: group.hasBot ? "the bot" : "the bot, not in the group",
    act: change("bot", group.hasBot),
  });
  return [bot, ...people(model).map((one) => person(one, group, change))];
}

function person(one, group, change) {
  const inside = group.members.includes(one.name);
  return row({
    key: one.name,
    shown: one.displayName,
    face: avatar({ name: one.displayName, ground: one.color, size: 36 }),
    inside,
    words: inside ? "member" : "not in the group",
    act: change(one.name, inside),
  });
}

function row({ key, shown, face, inside, words, act }) {
  const label = inside ? "Leave" : "Join";
  return h(
    "li.member",
    { class: inside ? "inside" : "outside" },
    face,
    h("span.member-words", {}, h("bdi", {}, shown), h("small", {}, words)),
    h(
      "button.button",
      { type: "button", data: { key }, "aria-label": `${shown}: ${label}`, on: { click: act } },
      label,
    ),
  );
}
