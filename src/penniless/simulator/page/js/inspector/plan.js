// How many messages a month may have, and how many calls a second.
// https://www.lycbiz.com/jp/service/line-official-account/plan/ and its sisters

import { setChannel } from "../api.js";
import { h, put } from "../lib/dom.js";
import { text } from "../lib/safe.js";
import { field } from "../ui/dialog.js";
import { about, edited, save, section, toggle } from "./form.js";

const COUNTRIES = { jp: "Japan", tw: "Taiwan", th: "Thailand" };
const OWN = "No plan: a number of my own";

export function planPart() {
  const plan = h("select", {});
  plan.addEventListener("change", () => save(plan, () => setChannel({ plan: plan.value || null })));
  const number = edited(
    h("input", { type: "number", min: 0, step: 1, placeholder: "No limit", inputmode: "numeric" }),
    (value) => setChannel({ quota: value === "" ? null : Number(value) }),
  );
  const used = h("p.note", {});
  const rates = toggle("Rate limits", "2,000 calls a second, and less for some", (rateLimits) =>
    setChannel({ rateLimits }),
  );
  const element = section(
    "Plan and limits",
    about("Pushes count by the people they reach; replies are free."),
    field("Plan", plan),
    field("Messages a month", number.input, "Empty: no limit."),
    used,
    rates.element,
  );
  return {
    element,
    show({ quota, rateLimits, plan: chosen }, { plans }) {
      if (!plan.options.length) put(plan, offered(plans));
      plan.value = chosen ?? "";
      number.set(quota?.type === "limited" ? String(quota.value) : "");
      put(used, `${(quota?.used ?? 0).toLocaleString("en")} used this month.`);
      rates.input.checked = rateLimits !== false;
    },
  };
}

/** The plans by country, as the simulator names them: `jp-light` and so on. */
function offered(plans) {
  const named = Object.entries(plans ?? {});
  const groups = Object.entries(COUNTRIES).map(([code, label]) =>
    h(
      "optgroup",
      { label },
      named.filter(([name]) => name.startsWith(`${code}-`)).map(([name, messages]) => option(name, messages)),
    ),
  );
  return [h("option", { value: "" }, OWN), ...groups];
}

function option(name, messages) {
  const word = text(name.split("-")[1]);
  const label = word.charAt(0).toUpperCase() + word.slice(1);
  return h("option", { value: name }, `${label}: ${messages.toLocaleString("en")} messages`);
}
