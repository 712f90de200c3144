// LINE's statistics of webhooks that failed, by the minute.
// https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/

import { getErrors } from "../api.js";
import { h, put } from "../lib/dom.js";
import { full, iso } from "../lib/time.js";
import { about, section } from "./form.js";

export function createErrors(model) {
  const box = h("div.errors", {});
  const download = h(
    "button.button.small",
    { type: "button", hidden: true, on: { click: saveTsv } },
    "Download TSV file",
  );
  let asked = false;
  let known = [];

  async function draw() {
    if (asked) return;
    asked = true;
    await new Promise((resolve) => setTimeout(resolve, 80)); // many webhooks close together cost one request
    asked = false;
    known = (await getErrors().catch(() => ({ errors: [] }))).errors;
    put(box, known.length ? table(known.slice(-SHOWN).reverse()) : h("p.note", {}, "No webhook has failed."));
    download.hidden = known.length === 0;
  }

  function saveTsv() {
    const address = URL.createObjectURL(new Blob([tsv(known)], { type: "text/tab-separated-values" }));
    h("a", { href: address, download: "webhook-errors.tsv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const failed = (item) => item.kind === "webhook" && item.done && item.reason !== "ok";
  model.on("wires", draw);
  model.on("wire", ({ item }) => failed(item) && draw());
  return section(
    "Webhook errors",
    about("LINE's statistics: how often, and why, in each minute. Verifying is not counted."),
    box,
    download,
  );
}

const SHOWN = 50;
const TOKYO = 9 * 3_600_000; // LINE's statistics are in UTC+9

/** All rows, the oldest first; nothing in a cell is a formula to a spreadsheet. */
function tsv(errors) {
  const cell = (value) =>
    String(value ?? "")
      .replace(/[\t\r\n]+/g, " ")
      .replace(/^(?=[=+\-@])/, "'");
  const minute = (ms) =>
    iso(ms + TOKYO)
      .slice(0, 16)
      .replace("T", " ");
  const rows = errors.map(({ time, reason, detail, count }) => [minute(time), reason, detail, count]);
  return [["Time (UTC+9)", "Reason", "Detail", "Count"], ...rows]
    .map((row) => `${row.map(cell).join("\t")}\r\n`)
    .join("");
}

const table = (errors) =>
  h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["Minute", "Reason", "Count"].map((one) => h("th", { scope: "col" }, one)),
      ),
    ),
    h("tbody", {}, errors.map(row)),
  );

const row = ({ time, reason, detail, count }) =>
  h(
    "tr",
    {},
    h("td", {}, h("time", { datetime: iso(time) }, full(time).replace(/:\d\d$/, ""))),
    h("td", {}, reason, detail ? h("small", {}, detail) : null),
    h("td.number", {}, count),
  );
