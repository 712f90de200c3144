// Public keys whose owners may ask for channel access tokens with a JWT. Only their ids come back from the simulator.
// https://developers.line.biz/en/docs/messaging-api/generate-json-web-token/

import { addKey, removeKey } from "../api.js";
import { copyText } from "../actions.js";
import { h, put } from "../lib/dom.js";
import { list, record, text } from "../lib/safe.js";
import { ask, field } from "../ui/dialog.js";
import { about, save, sayThatSaved, section, small } from "./form.js";

export function keysPart() {
  const rows = h("ul.items", { "aria-label": "Public keys" });
  const none = h("p.note", {}, "No key is registered.");
  const button = h("button.button.small", { type: "button", on: { click: add } }, "Register a public key …");

  async function add() {
    if (await newKey()) sayThatSaved(button);
  }

  const element = section(
    "Public keys",
    about("They verify the JWT with which a bot asks for a channel access token v2.1 or a stateless one."),
    none,
    rows,
    button,
  );
  return {
    element,
    show({ keys }) {
      const ids = list(keys).map(text);
      none.hidden = ids.length > 0;
      put(
        rows,
        ids.map((kid) => row(kid, () => save(element, () => removeKey(kid)))),
      );
    },
  };
}

const row = (kid, remove) =>
  h(
    "li.item",
    {},
    h("code.item-words", {}, kid),
    small("copy", `Copy the id ${kid}`, () => copyText(kid)),
    small("close", `Remove the key ${kid}`, remove),
  );

function newKey() {
  const area = h("textarea.code", { rows: 8, required: true, spellcheck: "false", autofocus: true });
  area.placeholder = '{"kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB", "n": "…"}';
  area.addEventListener("input", () => area.setCustomValidity(problem(area.value)));
  return ask({
    title: "Register a public key",
    ok: "Register",
    content: field("Public key (JWK)", area, "Without a kid, it gets an id made of its numbers."),
    read: () => JSON.parse(area.value),
    act: addKey,
  });
}

/** A private key never leaves the browser. */
function problem(written) {
  try {
    const key = record(JSON.parse(written));
    return "d" in key ? "This is the private key. Keep it, and paste the public one." : "";
  } catch (error) {
    return `This is not JSON: ${error.message}`;
  }
}
