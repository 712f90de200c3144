// Pictures, films and sounds with everything that LINE can say of them: sets, addresses elsewhere, slow preparation.
// https://developers.line.biz/en/reference/messaging-api/#wh-image

import { h } from "../lib/dom.js";
import { ask, field } from "../ui/dialog.js";
import { choices } from "./events.js";
import { asSet } from "./files.js";

const KINDS = { image: "Pictures", video: "Video", audio: "Voice message", file: "File" };
const FIELDS = {
  image: ["count", "url"],
  video: ["url", "duration", "prepare", "fails"],
  audio: ["url", "duration", "prepare", "fails"],
  file: ["name"],
};

function inputs() {
  const number = (props) => h("input", { type: "number", min: 0, step: "any", required: true, ...props });
  return {
    count: number({ min: 1, max: 20, step: 1, value: 3 }),
    url: h("input", { type: "url", placeholder: "https://…", pattern: "https://.*", spellcheck: "false" }),
    duration: number({ value: 4, max: 86_400 }),
    prepare: number({ value: 0, max: 3600 }),
    fails: h("input", { type: "checkbox" }),
    name: h("input", { type: "text", value: "見積書 1.pdf", required: true, maxlength: 200 }),
  };
}

/** Asks what it is like; resolves to messages for POST /sim/message, an empty list if cancelled. */
export async function sampleMedia() {
  const kind = choices(KINDS);
  const form = inputs();
  const parts = {
    count: field("How many at once", form.count, "From two on they carry an imageSet, as an album does."),
    url: field("Address elsewhere", form.url, "Then LINE does not hold the bytes; empty: a built-in sample."),
    duration: field("Seconds long", form.duration),
    prepare: field("Seconds that LINE prepares it", form.prepare, "Until then the content is 202."),
    fails: h("label.check", {}, form.fails, "The preparation fails"),
    name: field("File name", form.name),
  };
  const fit = () => {
    for (const [name, element] of Object.entries(parts)) {
      element.hidden = !FIELDS[kind.value].includes(name);
      form[name].disabled = element.hidden;
    }
  };
  kind.addEventListener("change", fit);
  fit();
  const found = await ask({
    title: "Media with details",
    ok: "Send",
    content: [field("What", kind), Object.values(parts)],
    read: () => messages(kind.value, form),
  });
  return found ?? [];
}

function messages(kind, { count, url, duration, prepare, fails, name }) {
  const external = !url.disabled && url.value.trim();
  const one = () => ({
    [kind]: {
      ...(external && { url: external }),
      ...(!duration.disabled && { duration: Math.round(Number(duration.value) * 1000) }),
      ...(!external &&
        Number(prepare.value) > 0 &&
        !prepare.disabled && { prepareSeconds: Number(prepare.value) }),
      ...(!external && !fails.disabled && fails.checked && { prepareFails: true }),
      ...(!name.disabled && { fileName: name.value.trim() }),
    },
  });
  return asSet(Array.from({ length: count.disabled ? 1 : Number(count.value) }, one));
}
