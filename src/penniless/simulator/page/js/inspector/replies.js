// What the account does by itself, as LINE Official Account Manager sets it: greeting, auto-reply, marks of reading.

import { setChannel } from "../api.js";
import { choices } from "../compose/events.js";
import { h } from "../lib/dom.js";
import { field } from "../ui/dialog.js";
import { about, edited, save, section } from "./form.js";

const LONGEST = 500; // UTF-16 units
const MODES = { bot: "Bot: messages are read by themselves", chat: "Chat: the bot marks them as read" };

const words = (name) =>
  edited(h("textarea", { rows: 2, maxlength: LONGEST, placeholder: "Off", dir: "auto" }), (value) =>
    setChannel({ [name]: value.trim() ? value : null }),
  );

export function repliesPart() {
  const greeting = words("greeting");
  const autoReply = words("autoReply");
  const mode = choices(MODES);
  mode.addEventListener("change", () => save(mode, () => setChannel({ chatMode: mode.value })));
  const element = section(
    "What the account says by itself",
    about("Left on, people get two answers: this one and the bot's. It costs nothing. Empty is off."),
    field("Greeting message", greeting.input, "To everybody who adds or unblocks the account."),
    field("Auto-reply message", autoReply.input, "To each text in a 1:1 chat."),
    field("Response mode", mode),
  );
  return {
    element,
    show(channel) {
      greeting.set(channel.greeting ?? "");
      autoReply.set(channel.autoReply ?? "");
      mode.value = channel.chatMode;
    },
  };
}
