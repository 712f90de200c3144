// The parts of the inspector's forms: sections, switches, fields that are applied at once.

import { h } from "../lib/dom.js";
import { toast } from "../ui/toast.js";

export const section = (title, ...children) => h("section.settings", {}, h("h3", {}, title), children);

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

/** A switch that acts at once, and goes back if it was refused. */
export function toggle(label, note, act) {
  const input = h("input", { type: "checkbox", role: "switch" });
  input.addEventListener("change", async () => {
    if (!(await apply(() => act(input.checked)))) input.checked = !input.checked;
  });
  const element = h(
    "label.switch",
    {},
    h("span.switch-words", {}, h("span", {}, label), note ? h("small", {}, note) : null),
    input,
  );
  return { element, input };
}

/** A field that is applied when it is left or Enter is pressed; it keeps what is being typed. */
export function edited(input, act) {
  input.addEventListener("change", () => input.checkValidity() && apply(() => act(input.value)));
  return {
    input,
    set(value) {
      if (document.activeElement !== input) input.value = value;
    },
  };
}
