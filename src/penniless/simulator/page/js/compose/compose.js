// The composer: quick replies above, then what is being quoted, then the box to type in with its buttons.

import { icon } from "../draw/icons.js";
import { css, h, put } from "../lib/dom.js";
import { summary } from "../lib/text.js";
import { acceptDrops } from "./drop.js";
import { attachMenu } from "./attach.js";
import { createDoor } from "./door.js";
import { createMentions, mentionsIn } from "./mentions.js";
import { createSpeaker } from "./speaker.js";
import { createStickerPicker } from "./stickerpicker.js";

const TALLEST = 140; // pixels

export function createCompose(box, { model, sender }) {
  const quickBox = h("div.quick", { hidden: true, role: "group", "aria-label": "Quick replies" });
  const quote = createQuote();
  const say = (message) => sender.say({ ...message, ...quote.take() });
  const stickers = createStickerPicker({ onPick: (sticker) => say({ sticker }) });
  const typing = createTyping({ say, model, extra: stickers.button, attach: attachButton(sender, model) });

  typing.area.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !quote.drop()) return;
    event.preventDefault();
  });
  model.on("select", quote.drop);
  const door = createDoor({ model, sender, form: typing.form });
  const menuBox = h("div.richmenu", { hidden: true });
  const mentions = createMentions(typing.area, { model });
  put(
    box,
    quickBox,
    quote.element,
    stickers.panel,
    createSpeaker(model),
    mentions,
    door,
    typing.form,
    menuBox,
  );
  acceptDrops({ area: typing.area, sender });
  return {
    quickBox,
    menuBox,
    quote(entry) {
      quote.set(entry);
      typing.area.focus();
    },
    fillIn: typing.fillIn,
  };
}

/** The message that is being answered, shown above the box until it is sent or dropped. */
function createQuote() {
  const element = h("div.quoting", { hidden: true });
  let quoted = null;

  function set(entry) {
    quoted = entry;
    element.hidden = !entry;
    put(element, entry ? quoteLine(entry, drop) : null);
  }

  function drop() {
    const had = quoted !== null;
    set(null);
    return had;
  }

  function take() {
    const found = quoted ? { quote: quoted.id } : {};
    set(null);
    return found;
  }

  return { element, set, drop, take };
}

function quoteLine(entry, onDrop) {
  return [
    h("div.quoting-words", {}, h("strong", {}, entry.name), h("span", {}, summary(entry))),
    h(
      "button.icon-button",
      { type: "button", "aria-label": "Do not quote", on: { click: () => onDrop() } },
      icon("close", 20),
    ),
  ];
}

function attachButton(sender, model) {
  const button = h(
    "button.icon-button",
    { type: "button", "aria-label": "Attach", title: "Attach", "aria-haspopup": "menu" },
    icon("plus"),
  );
  button.addEventListener("click", () => attachMenu(button, { sender, model }));
  return button;
}

/** The box itself: it grows with its text, and Enter sends. */
function createTyping({ say, model, extra, attach }) {
  const area = h("textarea", {
    id: "compose-text",
    rows: 1,
    maxlength: 5000,
    placeholder: "Message",
    "aria-label": "Message",
    enterkeyhint: "send",
    autocomplete: "off",
  });
  const send = h(
    "button.icon-button.send",
    { type: "submit", "aria-label": "Send", title: "Send" },
    icon("send"),
  );
  const form = h("form.compose", {}, attach, h("div.compose-box", {}, area, extra), send);

  function fit() {
    css(area, { height: "auto" });
    css(area, { height: `${Math.min(area.scrollHeight, TALLEST)}px` });
    form.classList.toggle("filled", area.value.trim() !== "");
  }

  function write(words) {
    area.value = words;
    fit();
  }

  async function submit() {
    const words = area.value;
    if (!words.trim()) return;
    write("");
    const sent = await say({ text: words, ...mentionsIn(words, model) });
    if (!sent && !area.value) write(words); // refused: nothing typed is lost
  }

  keepDrafts(model, { read: () => area.value, write });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    if (!isSendKey(event)) return;
    event.preventDefault();
    submit();
  });
  return {
    area,
    form,
    /** The fillInText of a postback action. */
    fillIn(words) {
      if (words) write(words);
      area.focus();
    },
  };
}

/** What was typed in a chat and not sent is there again when one comes back to it. */
function keepDrafts(model, { read, write }) {
  const drafts = new Map();
  let open = null;
  model.on("select", ({ chat }) => {
    if (chat === open) return;
    if (open) drafts.set(open, read());
    open = chat;
    write(drafts.get(chat) ?? "");
  });
}

/** Enter sends, but not while an input method (Japanese, Chinese …) is still composing: there it confirms. */
function isSendKey(event) {
  const composing = event.isComposing || event.keyCode === 229; // 229: Safari ends the composition before this event
  return event.key === "Enter" && !event.shiftKey && !composing;
}
