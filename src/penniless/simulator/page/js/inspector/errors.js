// LINE's statistics of webhooks that failed, by the minute.
// https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/

import { getErrors } from "../api.js";
import { h, put } from "../lib/dom.js";
import { full, iso } from "../lib/time.js";
import { section } from "./form.js";

export function createErrors(model) {
  const box = h("div.errors", {});
  let asked = false;

  async function draw() {
    if (asked) return;
    asked = true;
    await new Promise((resolve) => setTimeout(resolve, 80)); // many webhooks close together cost one request
    asked = false;
    const { errors } = await getErrors().catch(() => ({ errors: [] }));
    put(box, errors.length ? table(errors.slice(-50).reverse()) : h("p.note", {}, "No webhook has failed."));
  }

  const failed = (item) => item.kind === "webhook" && item.done && item.reason !== "ok";
  model.on("wires", draw);
  model.on("wire", ({ item }) => failed(item) && draw());
  return section("Webhook errors", box);
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
