// The wire: webhooks to the bot and API calls from it, newest first. Details are drawn when opened.

import { icon } from "../draw/icons.js";
import { css, h, put } from "../lib/dom.js";
import { list, pick, record, text } from "../lib/safe.js";
import { exact, iso } from "../lib/time.js";
import { nameOfId } from "../model.js";
import { callButtons, webhookButtons } from "./again.js";
import { jsonBlock, pairs } from "./json.js";

const LIMIT_MS = 2000; // LINE waits two seconds for the answer to a webhook
const SHOWN = 400; // older ones leave the page (the simulator keeps more)
const UNSENT = { off: true, suspended: true }; // reasons for which LINE does not even try
const FILTERS = { all: "All", webhook: "Webhooks", call: "API calls" };

export function createWire(box, { model, onCount }) {
  let filter = "all";
  let onlyChat = false;
  const rows = new Map(); // seq -> <details>
  const listBox = h("div.wire", { role: "group", "aria-label": "Webhooks and API calls, newest first" });
  const empty = h(
    "p.empty",
    {},
    "Nothing yet. Say something to the bot, and each webhook and API call appears here.",
  );

  const wanted = (item) =>
    (filter === "all" || item.kind === filter) && (!onlyChat || item.chat === model.selected?.chat);

  function draw() {
    rows.clear();
    const items = [...model.wire.values()].filter(wanted).slice(-SHOWN);
    for (const item of items) rows.set(item.seq, wireRow(item, model));
    put(listBox, [...rows.values()].reverse());
    count();
  }

  function count() {
    empty.hidden = rows.size > 0;
    onCount(model.wire.size || "");
  }

  function take({ item }) {
    if (!wanted(item)) return count();
    const before = rows.get(item.seq);
    const fresh = wireRow(item, model, before?.open);
    rows.set(item.seq, fresh);
    if (before) replaceKeepingFocus(before, fresh);
    else listBox.prepend(fresh);
    if (listBox.children.length > SHOWN) listBox.lastChild.remove();
    return count();
  }

  put(
    box,
    h(
      "div.filters",
      {},
      filterChoices(filter, (name) => {
        filter = name;
        draw();
      }),
      chatChoice((on) => {
        onlyChat = on;
        draw();
      }),
    ),
    empty,
    listBox,
  );
  model.on("wires", draw);
  model.on("wire", take);
  model.on("select", () => onlyChat && draw());
}

function replaceKeepingFocus(before, fresh) {
  const focused = document.activeElement === before.querySelector("summary");
  before.replaceWith(fresh);
  if (focused) fresh.querySelector("summary").focus();
}

function filterChoices(chosen, onChoose) {
  return h(
    "div.segments",
    { role: "radiogroup", "aria-label": "Show" },
    Object.entries(FILTERS).map(([name, label]) => {
      const input = h("input", { type: "radio", name: "wire-filter", value: name, checked: name === chosen });
      input.addEventListener("change", () => onChoose(name));
      return h("label", {}, input, h("span", {}, label));
    }),
  );
}

function chatChoice(onChange) {
  const input = h("input", { type: "checkbox" });
  input.addEventListener("change", () => onChange(input.checked));
  return h("label.check", {}, input, "This chat only");
}

function wireRow(item, model, open = false) {
  const call = item.kind === "call";
  const element = h(
    "details.wire-row",
    { class: `wire-${item.kind} ${stateOf(item)}`, open, data: { kind: item.kind, seq: item.seq } },
    h("summary", {}, call ? callLine(item) : webhookLine(item, model)),
  );
  const fill = () =>
    element.childElementCount === 1 &&
    element.append(h("div.wire-details", {}, call ? callDetails(item) : webhookDetails(item, model)));
  if (open) fill();
  element.addEventListener("toggle", () => element.open && fill());
  return element;
}

function stateOf(item) {
  if (item.kind === "webhook" && !item.done) return "waiting";
  if (item.kind === "call" && unanswered(item)) return "bad";
  return item.status >= 200 && item.status < 300 ? "good" : "bad";
}

/** A fault on purpose: LINE may have acted, but no answer went out. */
const unanswered = (item) => item.status === 0 || /^(drop|timeout)\b/.test(text(item.fault));

/** "message · text", "postback", "2 events", "verify". */
function eventsOf(body) {
  const events = list(record(body).events).map(record);
  if (events.length === 0) return "verify: no events";
  const one = (event) =>
    event.type === "message" ? `message · ${text(record(event.message).type)}` : text(event.type);
  return events.length === 1 ? one(events[0]) : `${events.length} events: ${events.map(one).join(", ")}`;
}

function webhookLine(item, model) {
  const failed = item.done && stateOf(item) === "bad";
  const status = !item.done ? "…" : (item.status ?? (pick(UNSENT, item.reason) ? "not sent" : "no answer"));
  return [
    h(
      "span.wire-way",
      { title: "Webhook: LINE to the bot" },
      icon("bolt", 18),
      h("span.unseen", {}, "Webhook"),
    ),
    h(
      "span.wire-what",
      {},
      h("strong", {}, eventsOf(item.body)),
      h(
        "small",
        {},
        failed ? `${item.reason}${item.detail ? `: ${item.detail}` : ""}` : nameOfId(model, item.chat),
        item.redelivery ? h("em", {}, " · redelivery") : null,
        item.fault ? h("em", {}, ` · ${item.fault}`) : null,
      ),
    ),
    bar(item),
    h("span.status", {}, status),
    timeOf(item),
  ];
}

const round = (milliseconds) => (milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds));

/** How much of the two seconds the bot took. */
function bar(item) {
  const used = Math.min(1, item.milliseconds / LIMIT_MS);
  const rounded = round(item.milliseconds);
  const fill = css(h("i"), { width: `${Math.max(2, used * 100)}%` });
  return h(
    "span.took",
    { class: used >= 1 ? "over" : used > 0.5 ? "slow" : "" },
    h("span.took-ms", {}, item.done ? `${rounded} ms` : "…"),
    h("span.took-bar", { role: "img", "aria-label": `${rounded} of 2,000 milliseconds` }, fill),
  );
}

function callLine(item) {
  return [
    h(
      "span.wire-way",
      { title: "API call: the bot to LINE" },
      icon("key", 18),
      h("span.unseen", {}, "API call"),
    ),
    h(
      "span.wire-what",
      {},
      h("strong", {}, text(item.operation) || item.path),
      h("small", {}, callNote(item)),
    ),
    h("span.took", {}),
    h("span.status", {}, unanswered(item) ? "no answer" : item.status),
    timeOf(item),
  ];
}

function callNote(item) {
  const answer = record(item.response);
  if (item.fault) return `fault: ${item.fault}`;
  if (item.status >= 400) return text(item.hint) || refusal(answer);
  const messages = list(record(item.request).messages);
  return messages.length
    ? messages.map((one) => text(record(one).type)).join(", ")
    : `${item.method} ${item.path}`;
}

/** LINE's sentence, and what it says of each property. */
function refusal(answer) {
  const details = list(answer.details)
    .map(record)
    .map((one) => [one.property, one.message].filter(Boolean).join(": "));
  return [text(answer.message) || text(answer.error), ...details].filter(Boolean).join(" · ");
}

const timeOf = (item) => h("time", { datetime: iso(item.time) }, exact(item.time));

function webhookDetails(item, model) {
  return [
    webhookButtons(item, model),
    pairs("Delivery", {
      url: item.url,
      status: item.status ?? "none",
      reason: item.reason,
      detail: item.detail || "none",
      ...(item.fault ? { "fault on purpose": item.fault } : {}),
      took: `${round(item.milliseconds)} ms of 2,000 ms`,
      "event ids": item.eventIds.join(", ") || "none",
    }),
    pairs("Headers", item.headers),
    jsonBlock("Body", item.body),
    h(
      "details.raw",
      {},
      h("summary", {}, "The exact bytes that were signed"),
      h("pre", { tabindex: 0 }, text(item.raw)),
    ),
  ];
}

function callDetails(item) {
  const query = item.query ? `?${item.query}` : "";
  return [
    callButtons(item),
    item.hint ? h("p.hint", {}, item.hint) : null,
    pairs("Request", { [item.method]: `${item.path}${query}`, ...item.requestHeaders }),
    item.request === null || item.request === undefined ? null : jsonBlock("Request body", item.request),
    pairs("LINE's answer", {
      status: unanswered(item) ? `${item.status || "none"}, not sent` : item.status,
      ...(item.fault ? { "fault on purpose": item.fault } : {}),
      took: `${round(item.milliseconds)} ms`,
      ...item.responseHeaders,
    }),
    item.response === null || item.response === undefined ? null : jsonBlock("Answer body", item.response),
  ];
}
