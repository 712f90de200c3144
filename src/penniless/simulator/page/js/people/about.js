// What LINE knows, or guesses, of a person: for narrowcasts by filter, statistics, messages by phone number.
// https://developers.line.biz/en/reference/messaging-api/#narrowcast-demographic-filter

import { getPerson, setPerson } from "../api.js";
import { choices } from "../compose/events.js";
import { h } from "../lib/dom.js";
import { ask, field } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";

const UNKNOWN = { "": "Unknown" };
const number = (props) => h("input", { type: "number", step: 1, min: 0, ...props });

function inputs() {
  return {
    gender: choices({ ...UNKNOWN, male: "Male", female: "Female" }),
    age: number({ max: 150 }),
    area: h("input", {
      type: "text",
      placeholder: "jp_13",
      pattern: "(jp|tw|th|id)_\\d\\d",
      autocomplete: "off",
    }),
    appType: choices({ ...UNKNOWN, ios: "iOS", android: "Android" }),
    friendDays: number({ max: 7300 }),
    phone: h("input", { type: "tel", placeholder: "+819012345678", pattern: "\\+[1-9]\\d{6,14}" }),
  };
}

const WHOLE = new Set(["age", "friendDays"]);

/** Empty means unknown. */
function read(form) {
  const value = (name) => {
    const written = form[name].value.trim();
    if (!written) return null;
    return WHOLE.has(name) ? Number(written) : written;
  };
  return Object.fromEntries(Object.keys(form).map((name) => [name, value(name)]));
}

export async function aboutPerson(person) {
  try {
    const { attributes } = await getPerson(person.name);
    const form = inputs();
    for (const [name, input] of Object.entries(form)) input.value = attributes[name] ?? "";
    await ask({
      title: `About ${person.displayName}`,
      ok: "Save",
      content: [
        h("p.note", {}, "What LINE knows or guesses of them. Empty is unknown."),
        h("div.field-row", {}, field("Gender", form.gender), field("Age", form.age)),
        h("div.field-row", {}, field("Area", form.area), field("Phone's system", form.appType)),
        h("div.field-row", {}, field("Friend for days", form.friendDays), field("Phone number", form.phone)),
      ],
      read: () => read(form),
      act: (found) => setPerson(person.name, found),
    });
  } catch (error) {
    toast(error.message, { bad: true });
  }
}
