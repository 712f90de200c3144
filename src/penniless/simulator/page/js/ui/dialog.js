// A modal question: the browser's own <dialog>, which keeps the focus inside and closes on Escape.

import { h, put } from "../lib/dom.js";
import { icon } from "../draw/icons.js";

let count = 0;

/**
 * Shows `content` with an OK and a Cancel button; resolves to `read()` on OK, else to null.
 * The form's own checks (required, min, max, pattern) run before. `act(value)`, if given, is awaited:
 * where it fails, its sentence is shown and the dialog stays, so that nothing written is lost.
 */
export function ask({ title, content, ok = "OK", read, act, danger = false }) {
  return new Promise((resolve) => {
    count += 1;
    const id = `dialog-${count}`;
    let answer = null;
    const wrong = h("p.wrong", { role: "alert" });
    let busy = false;
    const form = h(
      "form",
      { method: "dialog" },
      h("h2", { id }, title),
      h("div.dialog-body", {}, content),
      wrong,
      h(
        "div.dialog-buttons",
        {},
        h("button.button", { type: "button", on: { click: () => dialog.close() } }, "Cancel"),
        h(danger ? "button.button.danger" : "button.button.primary", { type: "submit" }, ok),
      ),
    );
    form.addEventListener("submit", (event) => {
      const value = read ? read() : true;
      if (act) {
        event.preventDefault();
        attempt(value);
      } else answer = value;
    });
    const dialog = h("dialog.dialog", { "aria-labelledby": id }, form);
    show(dialog, () => resolve(answer));

    /** Once at a time, however often one presses. */
    async function attempt(value) {
      if (busy) return;
      busy = true;
      put(wrong);
      try {
        await act(value);
        answer = value;
        dialog.close();
      } catch (error) {
        put(wrong, error.message);
      }
      busy = false;
    }
  });
}

/** Puts any <dialog> on the page; a click beside it closes it; it is removed when closed. */
export function show(dialog, onClose) {
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
    if (document.activeElement === document.body) before?.focus?.();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

export function closeButton(dialog, label = "Close") {
  return h(
    "button.icon-button",
    { type: "button", "aria-label": label, on: { click: () => dialog().close() } },
    icon("close"),
  );
}

/** A labelled form field; a note may follow, which screen readers read as a description and not as its name. */
export function field(label, control, note = "") {
  count += 1;
  const [name, more] = [`field-${count}`, `note-${count}`];
  control.setAttribute("aria-labelledby", name);
  if (note) control.setAttribute("aria-describedby", more);
  return h(
    "label.field",
    {},
    h("span", { id: name }, label),
    control,
    note ? h("small", { id: more }, note) : null,
  );
}
