// Faults on purpose: rules by which the simulated LINE, or the way to it, fails.

import { addFault, clearFaults, getFaults, getOperations, removeFault } from "../api.js";
import { choices } from "../compose/events.js";
import { icon } from "../draw/icons.js";
import { h, put } from "../lib/dom.js";
import { list, pick, text } from "../lib/safe.js";
import { field } from "../ui/dialog.js";
import { about, apply, section } from "./form.js";

const ENDPOINTS = { webhook: "Webhooks to the bot", "*": "Every API call" };
const ON_CALLS = {
  status: "Answer with an error",
  latency: "Answer late",
  drop: "Close the connection",
  timeout: "Never answer",
};
const ON_WEBHOOKS = {
  duplicate: "Deliver twice",
  reorder: "Let a later one come first",
  lost: "Lose it",
  late: "The bot's answer comes late",
  latency: "Arrive late",
};
const READY = {
  "A reply fails once": { endpoint: "reply", effect: { type: "status", status: 500 }, times: 1 },
  "Pushes hit the rate limit": { endpoint: "push", effect: { type: "status", status: 429 }, times: 3 },
  "Half of all webhooks come twice": { endpoint: "webhook", effect: { type: "duplicate" }, probability: 0.5 },
  "A webhook is lost": { endpoint: "webhook", effect: { type: "lost" }, times: 1 },
  "Sent, but the answer is lost": { endpoint: "*", effect: { type: "drop", acted: true }, times: 1 },
  "LINE is slow": { endpoint: "*", effect: { type: "latency", seconds: 3 } },
};

export function createFaults(box, { model, onCount }) {
  const rules = h("ul.rules", { "aria-label": "Rules in force" });
  const none = h("p.note", {}, "No faults: LINE works as it should.");
  const clear = h(
    "button.button.small",
    { type: "button", on: { click: () => change(clearFaults) } },
    "Remove all",
  );

  let inForce = 0;

  async function look() {
    const { faults } = await getFaults().catch(() => ({ faults: [] }));
    put(
      rules,
      list(faults).map((rule) => line(rule, () => change(() => removeFault(rule.id)))),
    );
    inForce = faults.length;
    none.hidden = faults.length > 0;
    clear.hidden = faults.length === 0;
    onCount(faults.length || "");
  }

  async function change(act) {
    if (await apply(act)) await look();
  }

  put(
    box,
    section("Rules in force", none, rules, clear),
    section(
      "Ready-made",
      about("One tap makes a rule of what happens to every bot some day."),
      h("div.choices", { role: "group", "aria-label": "Ready-made" }, ready(change)),
    ),
    section(
      "A rule of your own",
      about("Rules are asked in order; the first that strikes decides."),
      form(change),
    ),
  );
  let asked = false;
  const soon = () => {
    if (asked || (box.hidden && !inForce)) return; // nobody looks, and nothing is counted
    asked = true;
    setTimeout(() => {
      asked = false;
      look();
    }, 80);
  };
  box.addEventListener("shown", look);
  model.on("wires", look);
  model.on("wire", soon); // a rule that has struck counts it
}

const ready = (change) =>
  Object.entries(READY).map(([label, rule]) =>
    h("button.chip", { type: "button", on: { click: () => change(() => addFault(rule)) } }, label),
  );

function line({ endpoint, effect, probability, times, seen, struck }, remove) {
  const { type, ...more } = effect;
  const label = pick(ON_CALLS, type) ?? pick(ON_WEBHOOKS, type) ?? text(type);
  const extra = Object.entries(more)
    .filter(([, value]) => value !== false && value !== "" && value !== 0)
    .map(([name, value]) => (value === true ? name : `${name} ${value}`));
  const often = [
    probability < 1 ? `${+(probability * 100).toFixed(2)} % of calls` : "every call",
    times === null ? null : `at most ${times} ×`,
    `struck ${struck} of ${seen}`,
  ];
  return h(
    "li.rule",
    {},
    h(
      "span.rule-words",
      {},
      h("strong", {}, `${pick(ENDPOINTS, endpoint) ?? endpoint}: ${label.toLowerCase()}`),
      h("small", {}, [...extra, ...often.filter(Boolean)].join(" · ")),
    ),
    h(
      "button.icon-button.small",
      { type: "button", "aria-label": `Remove: ${label}`, on: { click: remove } },
      icon("close", 18),
    ),
  );
}

/** Only the fields that the chosen effect has are shown. */
function form(change) {
  const endpoint = endpoints();
  const effect = h("select", {});
  const status = h("input", { type: "number", min: 400, max: 599, step: 1, value: 500, required: true });
  const seconds = h("input", { type: "number", min: 0, max: 60, step: "any", value: 1, required: true });
  const message = h("input", { type: "text", placeholder: "LINE's sentence", autocomplete: "off" });
  const quota = h("input", { type: "checkbox" });
  const acted = h("input", { type: "checkbox" });
  const chance = h("input", { type: "number", min: 0, max: 100, step: "any", value: 100, required: true });
  const times = h("input", { type: "number", min: 1, step: 1, placeholder: "no end" });
  const seed = h("input", { type: "number", step: 1, placeholder: "made up" });
  const parts = {
    status: field("Status", status),
    message: field("Message", message, "Of the error; empty: what LINE says with this status."),
    quota: h("label.check", {}, quota, "With 429: the quota of the month, not the rate"),
    seconds: field("Seconds", seconds),
    acted: h("label.check", {}, acted, "LINE acts all the same; only the answer is lost"),
  };

  function fit() {
    const kinds = endpoint.value === "webhook" ? ON_WEBHOOKS : ON_CALLS;
    if (effect.dataset.of !== endpoint.value) {
      put(effect, [...choices(kinds).children]);
      effect.selectedIndex = 0;
    }
    effect.dataset.of = endpoint.value;
    for (const [name, element] of Object.entries(parts)) {
      element.hidden = !FIELDS[effect.value].includes(name);
      for (const input of element.querySelectorAll("input")) input.disabled = element.hidden;
    }
  }

  const read = () => ({
    endpoint: endpoint.value,
    effect: {
      type: effect.value,
      ...(!status.disabled && { status: Number(status.value) }),
      ...(!seconds.disabled && { [SECONDS[effect.value] ?? "seconds"]: Number(seconds.value) }),
      ...(!message.disabled && message.value && { message: message.value }),
      ...(!quota.disabled && quota.checked && { quota: true }),
      ...(!acted.disabled && acted.checked && { acted: true }),
    },
    probability: Number(chance.value) / 100,
    ...(times.value && { times: Number(times.value) }),
    ...(seed.value && { seed: Number(seed.value) }),
  });

  endpoint.addEventListener("change", fit);
  effect.addEventListener("change", fit);
  fit();
  const element = h(
    "form.fault-form",
    {},
    field("What fails", endpoint),
    field("How", effect),
    Object.values(parts),
    h("div.field-row", {}, field("Per cent of calls", chance), field("At most, times", times)),
    field("Seed", seed, "The same seed strikes the same calls."),
    h("button.button.primary", { type: "submit" }, "Add the rule"),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    change(() => addFault(read()));
  });
  return element;
}

/** The webhook, every call, and then each operation by the name that the wire shows. */
function endpoints() {
  const select = choices(ENDPOINTS);
  getOperations()
    .then(({ operations }) => {
      const named = list(operations).map(({ name, method, template }) =>
        h("option", { value: name, title: `${method} ${template}` }, name),
      );
      select.append(h("optgroup", { label: "One operation" }, named));
    })
    .catch(() => {}); // without them a rule can still be for all calls
  return select;
}

const SECONDS = { duplicate: "after" };
const FIELDS = {
  status: ["status", "message", "quota", "acted"],
  latency: ["seconds"],
  drop: ["acted"],
  timeout: ["seconds", "acted"],
  duplicate: ["seconds"],
  reorder: ["seconds"],
  lost: [],
  late: ["seconds"],
};
