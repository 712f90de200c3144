// The bot's own log, row by row as stored: who to whom, what, when, and what came of it.

import { h, put } from "../lib/dom.js";
import { list, text } from "../lib/safe.js";
import { guessLanguage, summary } from "../lib/text.js";
import { exact, full, iso } from "../lib/time.js";
import { nameOfId } from "../model.js";
import { jsonBlock } from "./json.js";

const COLUMNS = ["sender", "to", "message", "time", "type", "status", "outcome"];
const SHOWN = 300;

export function createLog(box, { model, onCount }) {
  const note = h("p.empty", {});
  const body = h("tbody", { role: "rowgroup" });
  const table = h(
    "table.log",
    { role: "table", "aria-label": "Log rows, newest first" },
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        COLUMNS.map((name) => h("th", { role: "columnheader", scope: "col", class: `col-${name}` }, name)),
      ),
    ),
    body,
  );
  const drawn = new Map(); // event id -> {key, nodes}

  function draw() {
    const rows = model.rows.slice(-SHOWN);
    onCount(model.rows.length || "");
    table.hidden = rows.length === 0;
    note.hidden = rows.length > 0;
    put(
      note,
      model.world?.hasLog === false
        ? "The log of this bot is not known here. It is shown for bots that Penniless runs itself."
        : "No rows yet.",
    );
    for (const row of rows) refresh(row);
    put(
      body,
      rows.toReversed().flatMap((row) => drawn.get(row.event_id).nodes),
    );
    for (const id of drawn.keys()) if (!rows.some((row) => row.event_id === id)) drawn.delete(id);
  }

  /** A row that has not changed keeps its elements, and stays open if it is. */
  function refresh(row) {
    const key = JSON.stringify(row) + nameOfId(model, row.sender) + nameOfId(model, row.to);
    const before = drawn.get(row.event_id);
    if (before?.key === key) return;
    const open = before?.nodes[1].hidden === false;
    drawn.set(row.event_id, { key, nodes: logRow(row, model, open) });
  }

  put(box, note, table);
  model.on("log", draw);
  model.on("world", () => model.rows.length === 0 && draw());
}

function cells(row, model) {
  const who = (id) => h("span", { title: text(id) }, nameOfId(model, id));
  const words = row.message ?? "(removed)";
  return {
    sender: who(row.sender),
    to: who(row.to),
    message: [h("span.log-message", { lang: guessLanguage(words) }, words), replies(row)],
    time: h("time", { datetime: iso(row.timestamp), title: full(row.timestamp) }, exact(row.timestamp)),
    type: row.type,
    status: h("span.pill", { class: `pill-${row.status ?? "claimed"}` }, row.status ?? "claimed"),
    outcome: row.outcome ?? "",
  };
}

/** What the bot answered, on a line of its own. */
function replies(row) {
  const words = list(row.replies)
    .map((message) => summary({ message }))
    .join(" / ");
  return words ? h("span.log-reply", { lang: guessLanguage(words) }, words) : null;
}

function logRow(row, model, open) {
  const found = cells(row, model);
  const details = h(
    "tr.log-details",
    { role: "row", hidden: !open },
    h("td", { role: "cell", colspan: COLUMNS.length }, jsonBlock("The row as stored", row)),
  );
  const button = h("button.log-open", {
    type: "button",
    "aria-expanded": String(open),
    "aria-label": `Details of the row: ${text(row.message) || row.type}`,
  });
  button.addEventListener("click", () => {
    details.hidden = !details.hidden;
    button.setAttribute("aria-expanded", String(!details.hidden));
  });
  const line = h(
    "tr.log-row",
    { role: "row" },
    COLUMNS.map((name) =>
      h("td", { role: "cell", class: `col-${name}` }, found[name], name === "message" ? button : null),
    ),
  );
  return [line, details];
}
