// What can be done with a message: reply, copy, edit, unsend. Opens on a right click, a long press, or with the
// keyboard: arrow keys walk through the messages, Enter (or the menu key) opens.

import { record, text } from "../lib/safe.js";
import { h } from "../lib/dom.js";
import { copyText } from "../actions.js";
import { mentionsIn } from "../compose/mentions.js";
import { me } from "../model.js";
import { ask, field } from "../ui/dialog.js";
import { popup } from "../ui/popup.js";

const LONG_PRESS_MS = 500;
const QUOTABLE = new Set(["text", "textV2", "sticker", "image", "video", "template", "flex"]);

export function createMessageMenu({ scroll, rows, model, sender, compose }) {
  const openAt = (row, at) => {
    const entry = rows.entryAt(Number(row.dataset.seq));
    const items = entry ? itemsFor(entry, { model, sender, compose }) : [];
    if (items.length) popup({ label: "Message", items, at });
  };

  scroll.addEventListener("contextmenu", (event) => {
    const row = rowOf(event.target);
    if (!row || event.target.closest(".words a")) return; // a link in a text has the browser's own menu
    event.preventDefault();
    const byKey = event.clientX === 0 && event.clientY === 0;
    openAt(row, byKey ? row : { x: event.clientX, y: event.clientY });
  });
  onLongPress(scroll, (target, at) => {
    const row = rowOf(target);
    if (row) openAt(row, at);
  });
  scroll.addEventListener("keydown", (event) => walk(event, scroll, openAt));
}

const rowOf = (element) => element.closest?.(".row[data-seq]");

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

function walk(event, scroll, openAt) {
  const onRow = event.target.matches(".row[data-seq]");
  if (!onRow && event.target !== scroll) return;
  if (event.key === "Enter" && onRow) {
    event.preventDefault();
    openAt(event.target, event.target.querySelector(".bubble, .plain") ?? event.target);
  } else if (Object.hasOwn(STEPS, event.key)) {
    const all = [...scroll.querySelectorAll(".row[data-seq]")];
    const from = onRow ? all.indexOf(event.target) : all.length;
    const next = all[Math.min(all.length - 1, Math.max(0, from + STEPS[event.key]))];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function itemsFor(entry, { model, sender, compose }) {
  if (entry.from === "system" || entry.unsent) return [];
  const words = wordsOf(record(entry.message));
  const items = [];
  if (entry.id && QUOTABLE.has(entry.message.type))
    items.push({ label: "Reply", icon: "reply", act: () => compose.quote(entry) });
  if (words) items.push({ label: "Copy text", icon: "copy", act: () => copyText(words) });
  const own = entry.id && entry.from === "person" && entry.userId === me(model)?.userId;
  return own ? [...items, ...ownItems(entry, { model, sender })] : items;
}

const wordsOf = (message) => text(message.text) || text(message.altText);

/** LINE lets people edit in groups only. */
function ownItems(entry, { model, sender }) {
  const editable = entry.message.type === "text" && model.selected.kind === "group";
  return [
    ...(editable ? [{ label: "Edit", icon: "edit", act: () => edit(entry, { model, sender }) }] : []),
    {
      label: "Unsend",
      icon: "trash",
      danger: true,
      act: () => sender.say({ unsend: { messageId: entry.id } }),
    },
  ];
}

async function edit(entry, { model, sender }) {
  const area = h("textarea", { rows: 4, required: true, maxlength: 5000, autofocus: true });
  area.value = text(entry.message.text);
  await ask({
    title: "Edit the message",
    ok: "Save",
    content: field("Text", area),
    read: () => area.value,
    act: (words) =>
      sender.dispatch({ edit: { messageId: entry.id, text: words, ...mentionsIn(words, model) } }),
  });
}

function onLongPress(element, act) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  element.addEventListener("pointerdown", (event) => {
    stop();
    if (event.pointerType !== "touch") return;
    timer = setTimeout(() => {
      swallowClick(element);
      act(event.target, { x: event.clientX, y: event.clientY });
    }, LONG_PRESS_MS);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) element.addEventListener(name, stop);
  element.addEventListener("scroll", stop, { passive: true });
}

/** The click that ends a long press must not press the button beneath the finger. */
function swallowClick(element) {
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  element.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => element.removeEventListener("click", swallow, { capture: true }), 800);
}
