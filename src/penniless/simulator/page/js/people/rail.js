// The list of chats: each person's own chat with the bot, and the groups. Choosing one means holding that phone.

import { avatar } from "../draw/avatar.js";
import { icon, mark } from "../draw/icons.js";
import { h, put } from "../lib/dom.js";
import { guessLanguage, summary } from "../lib/text.js";
import { brief } from "../lib/time.js";
import { groups, lastEntry, people, select } from "../model.js";
import { popup } from "../ui/popup.js";
import { aboutPerson } from "./about.js";
import { newGroup, newPerson } from "./dialogs.js";
import { openMembers } from "./members.js";

export function createRail(box, { model, layout, sender }) {
  const listBox = h("div.rail-list");
  put(box, railHead(model, layout), listBox, railFoot(model));
  let asked = false;

  /** Many entries in one go cost one drawing. */
  function draw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      drawNow();
    });
  }

  function drawNow() {
    const focused = listBox.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const groupList = groups(model);
    const context = { model, sender, choose };
    put(
      listBox,
      section(
        "People",
        people(model).map((one) => personItem(one, context)),
      ),
      groupList.length
        ? section(
            "Groups",
            groupList.map((one) => groupItem(one, context)),
          )
        : null,
    );
    if (focused)
      [...listBox.querySelectorAll("[data-key]")].find((one) => one.dataset.key === focused)?.focus();
  }

  function choose(what) {
    select(model, what);
    layout.close("rail");
  }

  for (const name of ["world", "select", "chat", "entry", "unread"]) model.on(name, draw);
}

function personItem(person, { model, sender, choose }) {
  return item(model, {
    kind: "person",
    name: person.name,
    chat: person.userId,
    shown: person.displayName,
    note: person.blocked ? "has blocked the bot" : person.friend ? "" : "does not follow",
    face: avatar({ name: person.displayName, ground: person.color, size: 46 }),
    act: () => choose({ kind: "person", name: person.name }),
    menu: (at) => personMenu(person, sender, at),
  });
}

function groupItem(group, { model, sender, choose }) {
  return item(model, {
    kind: "group",
    name: group.name,
    chat: group.id,
    shown: group.name,
    note: "",
    face: avatar({ name: group.name, kind: "group", size: 46 }),
    act: () => choose({ kind: "group", name: group.name, as: model.selected?.me }),
    menu: (at) =>
      popup({
        label: group.name,
        at,
        items: [
          { label: "Members …", icon: "people", act: () => openMembers(group.name, { model, sender }) },
        ],
      }),
  });
}

function item(model, { kind, name, chat, shown, note, face, act, menu }) {
  const last = lastEntry(model, chat);
  const words = note || (last ? summary(last) : "No messages yet");
  const selected = model.selected?.kind === kind && model.selected.name === name;
  const button = h(
    "button.rail-item",
    {
      type: "button",
      "aria-current": selected ? "true" : null,
      data: { key: `${kind}:${name}` },
      title: shown,
      on: { click: act },
    },
    face,
    h(
      "span.rail-words",
      {},
      h("span.rail-name", {}, h("bdi", {}, shown)),
      h("span.rail-last", { lang: guessLanguage(words) }, words),
    ),
    h(
      "span.rail-side",
      {},
      last ? h("time", {}, brief(last.time)) : null,
      badge(model.unread.get(chat) ?? 0),
    ),
  );
  if (menu)
    button.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      menu(event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : button);
    });
  return h("li", {}, button);
}

function badge(count) {
  if (!count) return null;
  return h(
    "span.badge",
    {},
    h("span", { "aria-hidden": "true" }, count > 99 ? "99+" : count),
    h("span.unseen", {}, `${count} unread`),
  );
}

const section = (title, items) => h("section", {}, h("h2", {}, title), h("ul", {}, items));

function railHead(model, layout) {
  const close = h(
    "button.icon-button.rail-close",
    { type: "button", "aria-label": "Close the list of chats", on: { click: () => layout.close("rail") } },
    icon("close"),
  );
  return h(
    "div.rail-head",
    {},
    mark(30),
    h("div.rail-brand", {}, h("strong", {}, "Penniless"), h("small", {}, "simulated LINE")),
    close,
  );
}

function railFoot(model) {
  const add = (label, name, act) =>
    h(
      "button.rail-add",
      { type: "button", title: label, on: { click: act } },
      icon(name, 20),
      h("span", {}, label),
    );
  return h(
    "div.rail-foot",
    {},
    add("New person", "person", () => newPerson(model)),
    add("New group", "people", () => newGroup(model)),
  );
}

const about = (person) => ({
  label: `About ${person.displayName} …`,
  icon: "person",
  act: () => aboutPerson(person),
});

/** What a person does outside a chat, and what LINE knows of them. */
function personMenu(person, sender, at) {
  const change = person.blocked
    ? { label: "Unblock the bot", icon: "heart", act: () => sender.unblock(person.name) }
    : { label: "Block the bot", icon: "ban", danger: true, act: () => sender.block(person.name) };
  popup({ label: person.displayName, at, items: [change, about(person)] });
}
