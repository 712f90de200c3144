// The parts of the inspector's forms: sections, switches, fields that are applied at once and say so.

import { icon } from "../draw/icons.js";
import { h, put } from "../lib/dom.js";
import { toast } from "../ui/toast.js";

const SAVED_MS = 2500;
let count = 0;

/** A part of a panel: its heading, one line that says what it is for, and where "Saved" appears. */
export function section(title, ...children) {
  count += 1;
  const id = `section-${count}`;
  return h(
    "section.settings",
    { "aria-labelledby": id },
    h("div.settings-head", {}, h("h3", { id, tabindex: -1 }, title), h("span.saved", { role: "status" })),
    children,
  );
}

export const about = (sentence) => h("p.note", {}, sentence);

/** Tells the simulator, and says it where the simulator refuses; resolves to whether it was taken. */
export async function apply(act) {
  try {
    await act();
    return true;
  } catch (error) {
    toast(error.message, { bad: true });
    return false;
  }
}

/** The same for something that is kept: the section of the element says that it was. */
export async function save(element, act) {
  const taken = await apply(act);
  if (taken) sayThatSaved(element);
  return taken;
}

export function sayThatSaved(element) {
  const box = element.closest(".settings")?.querySelector(".saved");
  if (!box) return;
  const said = h("span", {}, "Saved");
  put(box, said);
  setTimeout(() => said.remove(), SAVED_MS);
}

/** A switch that acts at once, and goes back if it was refused. */
export function toggle(label, note, act) {
  const input = h("input", { type: "checkbox", role: "switch" });
  input.addEventListener("change", async () => {
    if (!(await save(input, () => act(input.checked)))) input.checked = !input.checked;
  });
  const element = h(
    "label.switch",
    {},
    h("span.switch-words", {}, h("span", {}, label), note ? h("small", {}, note) : null),
    input,
  );
  return { element, input };
}

/** A button of one icon, in a list. */
export const small = (name, label, act) =>
  h(
    "button.icon-button.small",
    { type: "button", "aria-label": label, title: label, on: { click: act } },
    icon(name, 18),
  );

/** A field that is applied when it is left or Enter is pressed; it keeps what is being typed, and says what is wrong. */
export function edited(input, act) {
  input.addEventListener("change", async () => {
    complain(input, input.validity.patternMismatch ? input.title : input.validationMessage);
    if (!input.checkValidity()) return;
    try {
      await act(input.value);
      sayThatSaved(input);
    } catch (error) {
      complain(input, error.message);
    }
  });
  return {
    input,
    set(value) {
      if (document.activeElement === input || input.ariaInvalid === "true") return;
      input.value = value;
    },
  };
}

/** What is wrong with a field stands beneath it; an empty sentence takes it away. */
function complain(input, sentence) {
  input.ariaInvalid = sentence ? "true" : null;
  const before = input.parentElement.querySelector(".wrong");
  if (before) before.remove();
  if (sentence) input.after(h("small.wrong", { role: "alert" }, sentence));
}
