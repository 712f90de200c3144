// Choosing a place to send: a few samples, or coordinates of one's own.

import { h } from "../lib/dom.js";
import { ask, field } from "./dialog.js";

const PLACES = [
  { title: "東京駅", address: "東京都千代田区丸の内1丁目", latitude: 35.681236, longitude: 139.767125 },
  { title: "台北101", address: "台北市信義區信義路五段7號", latitude: 25.033976, longitude: 121.564539 },
  { title: "วัดอรุณ", address: "แขวงวัดอรุณ เขตบางกอกใหญ่ กรุงเทพฯ", latitude: 13.743701, longitude: 100.488935 },
  { title: "Kyoto", address: "Karasuma, Shimogyo-ku, Kyoto", latitude: 34.987528, longitude: 135.759474 },
];

function inputs() {
  const part = (props) => h("input", props);
  return {
    title: part({ type: "text", maxlength: 100, autocomplete: "off" }),
    address: part({ type: "text", maxlength: 100, autocomplete: "off" }),
    latitude: part({ type: "number", required: true, min: -90, max: 90, step: "any" }),
    longitude: part({ type: "number", required: true, min: -180, max: 180, step: "any" }),
  };
}

function fillIn(form, place) {
  for (const [name, input] of Object.entries(form)) input.value = place[name];
}

function chips(form) {
  return h(
    "div.choices",
    { role: "group", "aria-label": "Sample places" },
    PLACES.map((place) =>
      h("button.chip", { type: "button", on: { click: () => fillIn(form, place) } }, place.title),
    ),
  );
}

function readPlace({ title, address, latitude, longitude }) {
  return {
    ...(title.value && { title: title.value }),
    ...(address.value && { address: address.value }),
    latitude: Number(latitude.value),
    longitude: Number(longitude.value),
  };
}

/** Resolves to {title?, address?, latitude, longitude}, or null if cancelled. */
export function pickLocation() {
  const form = inputs();
  fillIn(form, PLACES[0]);
  const content = [
    chips(form),
    field("Title", form.title),
    field("Address", form.address),
    h("div.field-row", {}, field("Latitude", form.latitude), field("Longitude", form.longitude)),
  ];
  return ask({ title: "Send a location", ok: "Send", content, read: () => readPlace(form) });
}
