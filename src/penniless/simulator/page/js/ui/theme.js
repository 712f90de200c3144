// Light, dark, or as the system has it.

import { remember, remembered } from "../lib/storage.js";

const CHOICES = ["auto", "light", "dark"];

/** The choice that holds now. */
export const theme = () => document.documentElement.dataset.theme ?? "auto";

export function setTheme(choice) {
  document.documentElement.dataset.theme = choice;
  remember("theme", choice);
}

export function startTheme() {
  const kept = remembered("theme", "auto");
  setTheme(CHOICES.includes(kept) ? kept : "auto");
}

/** The next choice in the round, set. */
export function nextTheme() {
  const next = CHOICES[(CHOICES.indexOf(theme()) + 1) % CHOICES.length];
  setTheme(next);
  return next;
}
