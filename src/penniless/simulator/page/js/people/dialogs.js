// Making up a new person or a new group.

import { addGroup, addPerson } from "../api.js";
import { choices } from "../compose/events.js";
import { h } from "../lib/dom.js";
import { people, select } from "../model.js";
import { ask, field } from "../ui/dialog.js";

const LANGUAGES = {
  ja: "日本語",
  "zh-Hant": "繁體中文",
  th: "ไทย",
  en: "English",
  ko: "한국어",
  "zh-Hans": "简体中文",
  id: "Bahasa Indonesia",
  ar: "العربية",
};
const NAME = "[a-z0-9][a-z0-9_\\-]{0,30}";

const nameField = () =>
  h("input", {
    type: "text",
    required: true,
    pattern: NAME,
    maxlength: 31,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    autofocus: true,
  });

export async function newPerson(model) {
  const name = nameField();
  const shown = h("input", { type: "text", maxlength: 20, autocomplete: "off" });
  const language = h(
    "select",
    {},
    Object.entries(LANGUAGES).map(([code, label]) => h("option", { value: code }, label)),
  );
  const friend = h("input", { type: "checkbox", checked: true });
  const told = h("input", { type: "checkbox", checked: true });
  friend.addEventListener("change", () => {
    told.disabled = !friend.checked;
  });
  const content = [
    field("Name", name, "Lower-case letters and digits; this is how scripts call the person."),
    field("Display name", shown, "What the bot and the others see: 花子, สมชาย, 小明 …"),
    field("Language", language),
    h("label.check", {}, friend, "Follows the bot at once"),
    h("label.check", {}, told, "The bot hears of it (a follow event)"),
  ];
  const person = await ask({
    title: "New person",
    act: addPerson,
    ok: "Add",
    content,
    read: () => ({
      name: name.value,
      ...(shown.value.trim() && { displayName: shown.value.trim() }),
      language: language.value,
      friend: friend.checked,
      ...(friend.checked && !told.checked && { quiet: true }),
    }),
  });
  if (person) waitFor(model, { kind: "person", name: person.name });
}

export async function newGroup(model) {
  const name = nameField();
  const boxes = people(model).map((one) => h("input", { type: "checkbox", value: one.name, checked: true }));
  const kind = choices({ group: "Group", room: "Room (several people, without a name)" });
  const content = [
    field("Name", name, "Lower-case letters and digits."),
    h(
      "fieldset.members",
      {},
      h("legend", {}, "Members"),
      people(model).map((one, index) => h("label", {}, boxes[index], h("span", {}, one.displayName))),
    ),
    field("Kind", kind, "LINE makes groups today; rooms are those of old."),
  ];
  const group = await ask({
    title: "New group",
    act: addGroup,
    ok: "Add",
    content,
    read: () => ({
      name: name.value,
      kind: kind.value,
      members: boxes.filter((one) => one.checked).map((one) => one.value),
    }),
  });
  if (group) waitFor(model, { kind: "group", name: group.name });
}

/** The new one comes with the event stream; as soon as it is there, its chat is opened. */
function waitFor(model, wanted) {
  let open = !select(model, wanted);
  model.on("world", () => {
    if (open && select(model, wanted)) open = false;
  });
}
