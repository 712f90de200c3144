// The font size of the LINE app: Flex components with `scaling` follow it, and so does the chat.

import { choices } from "../compose/events.js";
import { remember, remembered } from "../lib/storage.js";
import { field } from "../ui/dialog.js";
import { about, save, section } from "./form.js";

const LETTERS = { 0.87: "Small", 1: "Regular", 1.2: "Large", 1.5: "Extra large" };

export function lettersPart() {
  const size = choices(LETTERS);
  const set = (value) => document.documentElement.style.setProperty("--app-letters", value);
  size.value = remembered("letters", "1");
  set(size.value);
  size.addEventListener("change", () =>
    save(size, () => {
      remember("letters", size.value);
      set(size.value);
    }),
  );
  return section(
    "The person's phone",
    about("Kept in this browser; the bot does not see it."),
    field("Font size in LINE", size),
  );
}
