// Quick replies: chips above the composer. They belong to the last message only, and vanish when one is used.
// https://developers.line.biz/en/docs/messaging-api/using-quick-reply/

import { icon } from "../draw/icons.js";
import { byId, h, put } from "../lib/dom.js";
import { list, mediaUrl, record, text } from "../lib/safe.js";
import { rememberedSet } from "../lib/storage.js";
import { guessLanguage } from "../lib/text.js";
import { entriesOf } from "../model.js";

const KIND_ICONS = {
  datetimepicker: "calendar",
  camera: "camera",
  cameraRoll: "image",
  location: "pin",
  uri: "link",
  clipboard: "copy",
};

const AT_ONCE = new Set(["message", "postback"]); // these send without asking anything more

export function createQuickReplies(box, { model, actions }) {
  const used = rememberedSet("used-quick-replies"); // a used chip must not come back with a reload
  const keyOf = (entry) => `${entry.chat}/${entry.id || entry.seq}/${entry.time}`;

  function draw() {
    const last = entriesOf(model, model.selected?.chat)
      .filter((entry) => entry.from !== "system")
      .at(-1);
    const items =
      last?.from === "bot" && !used.has(keyOf(last))
        ? list(record(record(last.message).quickReply).items)
        : [];
    const focused = box.contains(document.activeElement);
    box.hidden = items.length === 0;
    put(
      box,
      items.map((item) => chip(item, last)),
    );
    box.scrollLeft = 0;
    if (focused) byId("talk-scroll").focus({ preventScroll: true }); // not lost with the chip
  }

  /** Used, they vanish; a tap that sent nothing (cancelled, refused, only opened something) leaves them. */
  function mark(entry, isUsed) {
    if (isUsed === used.has(keyOf(entry))) return;
    if (isUsed) used.add(keyOf(entry));
    else used.delete(keyOf(entry));
    draw();
  }

  function chip(item, entry) {
    const action = record(record(item).action);
    const label = text(action.label) || text(action.text) || text(action.type);
    const use = async () => {
      if (AT_ONCE.has(action.type)) mark(entry, true);
      mark(entry, await actions.perform(action));
    };
    return h(
      "button.chip",
      { type: "button", lang: guessLanguage(label), on: { click: use } },
      picture(item, action),
      h("span", {}, label),
    );
  }

  return { draw };
}

function picture(item, action) {
  const url = mediaUrl(item.imageUrl);
  if (url) return h("img.chip-icon", { src: url, alt: "", referrerpolicy: "no-referrer" });
  const name = Object.hasOwn(KIND_ICONS, text(action.type)) ? KIND_ICONS[action.type] : null;
  return name ? icon(name, 18) : null;
}
