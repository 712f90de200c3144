// The whole world as a file: saved, loaded, begun anew.

import { putState, reset } from "../api.js";
import { h, put } from "../lib/dom.js";
import { ask } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { about, section } from "./form.js";

export function createWorld() {
  const wrong = h("p.wrong", { role: "alert" });
  const picker = h("input.unseen", {
    type: "file",
    accept: ".json,application/json",
    tabindex: -1,
    "aria-hidden": "true",
  });
  picker.addEventListener("change", async () => {
    const [file] = picker.files;
    if (file) await load(file, wrong);
    picker.value = ""; // the same file can be chosen again
  });
  const button = (label, act) => h("button.button.small", { type: "button", on: { click: act } }, label);
  const element = section(
    "The world as a file",
    about("People, groups, chats and settings, without secrets: to keep, to share, to begin a test with."),
    h(
      "div.choices",
      {},
      h("a.button.small", { href: "/sim/state", download: "world.json" }, "Save to a file"),
      button("Load a file …", () => picker.click()),
      button("Start over …", startOver),
      picker,
    ),
    h("p.note", {}, "A file can also be dropped here. Not in it: the webhook's address, the wire, faults."),
    wrong,
  );
  dropped(element, (file) => load(file, wrong));
  return element;
}

async function load(file, wrong) {
  put(wrong);
  const sure = await ask({
    title: "Load this world?",
    ok: "Load",
    danger: true,
    content: h("p", {}, "“", h("bdi", {}, file.name), "” takes the place of everything that is here now."),
  });
  if (!sure) return;
  try {
    await putState(file);
    toast("The world is loaded");
  } catch (error) {
    put(wrong, `“${file.name}” was not loaded, and nothing has changed: ${error.message}`);
  }
}

function dropped(element, act) {
  const over = (on) => element.classList.toggle("dropping", on);
  element.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  element.addEventListener("dragleave", (event) => !element.contains(event.relatedTarget) && over(false));
  element.addEventListener("drop", (event) => {
    over(false);
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    act(file);
  });
}

export async function startOver() {
  const sure = await ask({
    title: "Start over?",
    danger: true,
    ok: "Start over",
    content: h(
      "p",
      {},
      "All chats, the wire and the quota become empty; people and groups that were added go. The settings and the bot's own log stay.",
    ),
  });
  if (!sure) return;
  try {
    await reset();
    toast("Everything is empty again");
  } catch (error) {
    toast(error.message, { bad: true });
  }
}
