// One line of the chat: face, name, bubble, time and "Read" mark; or a notice in the middle.

import { avatar } from "../draw/avatar.js";
import { h } from "../lib/dom.js";
import { record, text } from "../lib/safe.js";
import { allText, guessLanguage } from "../lib/text.js";
import { clock, full, iso } from "../lib/time.js";
import { me, personWithId } from "../model.js";
import { renderBubble } from "../bubbles/bubbles.js";

/** Builds the row of an entry. `context`: {model, perform, sender, goTo}. */
export function renderRow(entry, context) {
  if (entry.from === "system") return notice(entry, text(entry.text));
  if (entry.unsent)
    return notice(entry, `${ownEntry(entry, context) ? "You" : entry.name} unsent a message.`);
  return ownEntry(entry, context) ? own(entry, context) : theirs(entry, context);
}

/** Replaces the row if what it shows has changed; else only its marks, so that a playing video goes on. */
export function updateRow(element, before, entry, context) {
  if (content(before) === content(entry)) {
    element.querySelector(":scope .meta")?.replaceWith(meta(entry, ownEntry(entry, context)));
    return element;
  }
  const fresh = renderRow(entry, context);
  for (const name of ["follows", "followed"]) fresh.classList.toggle(name, element.classList.contains(name));
  element.replaceWith(fresh);
  return fresh;
}

const content = ({ message, unsent, quoted, name, iconUrl, text: words }) =>
  JSON.stringify([message, unsent, quoted, name, iconUrl, words]);

const ownEntry = (entry, { model }) => entry.from === "person" && entry.userId === me(model)?.userId;

function row(kind, entry, ...children) {
  return h(
    "div.row",
    {
      class: kind,
      tabindex: -1,
      "aria-label": `${entry.name}, ${clock(entry.time)}`,
      role: "group",
      data: { seq: entry.seq, id: entry.id ?? "" },
    },
    children,
  );
}

function notice(entry, sentence) {
  return h(
    "div.row.notice",
    { data: { seq: entry.seq }, tabindex: -1 },
    h("p", { title: full(entry.time) }, sentence),
  );
}

function own(entry, context) {
  return row("own", entry, h("div.line", {}, body(entry, context), meta(entry, true)));
}

function theirs(entry, context) {
  return row(
    "theirs",
    entry,
    face(entry, context),
    h("div.stack", {}, nameLine(entry, context), h("div.line", {}, body(entry, context), meta(entry, false))),
  );
}

function face(entry, { model }) {
  if (entry.from === "bot") {
    const { channel } = model.world;
    const asSelf = entry.name === channel.name && !entry.iconUrl;
    return avatar({
      name: entry.name,
      url: entry.iconUrl ?? channel.pictureUrl,
      ground: asSelf ? "#12324f" : null,
      size: 36,
    });
  }
  const person = personWithId(model, entry.userId);
  return avatar({ name: entry.name, ground: person?.color, size: 36 });
}

function nameLine(entry, { model }) {
  const bot = model.world.channel.name;
  const other = entry.from === "bot" && entry.name !== bot;
  return h("div.name", {}, h("bdi", {}, entry.name), other ? h("span.via", {}, ` from “${bot}”`) : null);
}

function body(entry, context) {
  const { model } = context;
  const language = guessLanguage(
    allText(record(entry.message)),
    personWithId(model, model.selected.chat)?.language,
  );
  return h("div.body", { lang: language }, renderBubble(entry, context));
}

function meta(entry, isOwn) {
  return h(
    "div.meta",
    {},
    entry.edited ? h("span.edited", {}, "Edited") : null,
    isOwn && entry.read ? h("span.read", {}, "Read") : null,
    pushMark(entry),
    h("time", { datetime: iso(entry.time), title: full(entry.time) }, clock(entry.time)),
  );
}

const COUNTED = new Set(["push", "multicast", "broadcast", "narrowcast"]);

/** Pushes cost quota and replies do not: worth seeing at a glance. */
function pushMark(entry) {
  return COUNTED.has(entry.via)
    ? h("span.counted", { title: "Counts against the monthly quota" }, entry.via)
    : null;
}
