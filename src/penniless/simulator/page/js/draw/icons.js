// The page's own icons: 24 x 24, one stroke width, drawn with lines.

import { s } from "../lib/dom.js";

const PATHS = {
  plus: ["M12 5v14M5 12h14"],
  close: ["M6 6l12 12M18 6L6 18"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  back: ["M15 5l-7 7 7 7"],
  down: ["M6 9l6 6 6-6"],
  more: ["M5 12h.01M12 12h.01M19 12h.01"],
  send: ["M4 12l16-8-6.5 16-2.8-6.7L4 12z", "M10.7 13.3L20 4"],
  smile: ["M12 3a9 9 0 110 18 9 9 0 010-18z", "M8.5 14.5c1.9 2.3 5.1 2.3 7 0", "M9 9.5h.01M15 9.5h.01"],
  image: ["M4 5.5h16v13H4z", "M4 16l4.5-4.5 4 4 3-3L20 17", "M15.5 9h.01"],
  video: ["M3.5 6.5h11v11h-11z", "M14.5 10.5l6-3v9l-6-3z"],
  audio: [
    "M9 17.5V6l10-2v11.5",
    "M9 17.5a2.5 2 0 11-5 0 2.5 2 0 015 0zM19 15.5a2.5 2 0 11-5 0 2.5 2 0 015 0z",
  ],
  file: ["M6 3.5h8l4 4v13H6z", "M14 3.5v4h4", "M9 12.5h6M9 16h6"],
  upload: ["M12 16V5", "M7.5 9.5L12 5l4.5 4.5", "M5 19h14"],
  pin: [
    "M12 21s-6.5-6.2-6.5-11a6.5 6.5 0 0113 0c0 4.8-6.5 11-6.5 11z",
    "M12 12.2a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4z",
  ],
  sun: [
    "M12 8a4 4 0 110 8 4 4 0 010-8z",
    "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  ],
  moon: ["M20 14.5A8.5 8.5 0 019.5 4 8.5 8.5 0 1020 14.5z"],
  auto: ["M12 3.5a8.5 8.5 0 110 17 8.5 8.5 0 010-17z", "M12 3.5v17", "M12 7h4.5M12 12h8M12 17h4.5"],
  panel: ["M3.5 5h17v14h-17z", "M14.5 5v14"],
  people: [
    "M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7z",
    "M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6",
    "M16 4.5a3.3 3.3 0 010 6.3M18 14.5c2 .8 3.2 2.6 3.5 5.5",
  ],
  person: ["M12 11.5a4 4 0 100-8 4 4 0 000 8z", "M4.5 20.5c.6-4.5 3.5-6.5 7.5-6.5s6.9 2 7.5 6.5"],
  ban: ["M12 3.5a8.5 8.5 0 110 17 8.5 8.5 0 010-17z", "M6 6l12 12"],
  heart: ["M12 20s-8-4.7-8-10.5A4.5 4.5 0 0112 7a4.5 4.5 0 018 2.5C20 15.3 12 20 12 20z"],
  reply: ["M9.5 6L4 11l5.5 5", "M4 11h9c4.5 0 7 2.5 7 7"],
  copy: ["M8.5 8.5h11v11h-11z", "M15.5 8.5v-4h-11v11h4"],
  trash: ["M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5"],
  edit: ["M4.5 19.5l1-4L16 5l3 3L8.5 18.5z", "M13.5 7.5l3 3"],
  play: ["M8 5.5v13l10.5-6.5z"],
  pause: ["M8 5.5v13M16 5.5v13"],
  calendar: ["M4 6h16v14H4z", "M4 10.5h16M8.5 3.5v4M15.5 3.5v4"],
  camera: ["M4 8h4l1.5-2.5h5L16 8h4v11H4z", "M12 16.5a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4z"],
  link: [
    "M10 14l4-4",
    "M8.5 11L6 13.5a3.2 3.2 0 004.5 4.5L13 15.5M15.5 13l2.5-2.5A3.2 3.2 0 0013.5 6L11 8.5",
  ],
  phone: [
    "M6 4h3.5l1.5 4.5-2 1.5c1 2.2 2.5 3.8 5 5l1.5-2 4.5 1.5V18c0 1.2-.8 2-2 2C10.5 20 4 13.5 4 6c0-1.2.8-2 2-2z",
  ],
  clear: ["M4.5 12a7.5 7.5 0 107.5-7.5c-2.6 0-4.6 1-6 3", "M5.5 4v4h4"],
  search: ["M10.5 4a6.5 6.5 0 110 13 6.5 6.5 0 010-13z", "M15.5 15.5L20 20"],
  bolt: ["M13 3L5.5 13.5H11L10 21l8-11h-5.5z"],
  coupon: ["M3.5 7h17v3.5a1.8 1.8 0 000 3V17h-17v-3.5a1.8 1.8 0 000-3z", "M14.5 7.5v9"],
  menu: ["M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z"],
  gear: [
    "M12 15.2a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4z",
    "M12 3v2.2M12 18.8V21M3 12h2.2M18.8 12H21M5.6 5.6l1.6 1.6M16.8 16.8l1.6 1.6M5.6 18.4l1.6-1.6M16.8 7.2l1.6-1.6",
  ],
  beacon: [
    "M12 14a2 2 0 100-4 2 2 0 000 4z",
    "M8 16a5.6 5.6 0 010-8M16 8a5.6 5.6 0 010 8M5 19A10 10 0 015 5M19 5a10 10 0 010 14",
  ],
  code: ["M8.5 7L4 12l4.5 5M15.5 7l4.5 5-4.5 5"],
  test: ["M9.5 4v6L4.8 18a1.4 1.4 0 001.2 2h12a1.4 1.4 0 001.2-2L14.5 10V4M8 4h8M7.5 14.5h9"],
  key: ["M14.5 13a4.5 4.5 0 10-4.2-3L4 16.5V20h3.5v-2.5H10V15l1.5-1.7c.9.5 1.9-.3 3-.3z", "M15.5 8.5h.01"],
  out: ["M14 5h5v5M19 5l-8 8", "M17 14v5H5V7h5"],
};

const FILLED = new Set(["play"]);

/** An <svg>; it is decoration, the control around it carries the name. */
export function icon(name, size = 24) {
  const filled = FILLED.has(name);
  return s(
    "svg",
    {
      class: "icon",
      viewBox: "0 0 24 24",
      width: size,
      height: size,
      "aria-hidden": "true",
      focusable: "false",
      fill: filled ? "currentColor" : "none",
      stroke: "currentColor",
      "stroke-width": name === "more" ? 2.6 : 1.7,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    },
    PATHS[name].map((d) => s("path", { d })),
  );
}

/** Our mark: a coin in a speech bubble. */
export function mark(size = 28) {
  return s(
    "svg",
    { viewBox: "0 0 64 64", width: size, height: size, "aria-hidden": "true", class: "mark" },
    s("path", {
      fill: "#12324f",
      d: "M32 5c16 0 29 10.2 29 23S48 51 32 51c-2.4 0-4.8-.2-7-.7L11 59l2.5-13.3C7 41.5 3 35.2 3 28 3 15.2 16 5 32 5z",
    }),
    s("circle", { cx: 32, cy: 28, r: 15, fill: "#ffd45e" }),
    s("circle", { cx: 32, cy: 28, r: 11, fill: "none", stroke: "#c98a10", "stroke-width": 2 }),
    s("circle", { cx: 27.5, cy: 25.5, r: 1.9, fill: "#5b3b00" }),
    s("circle", { cx: 36.5, cy: 25.5, r: 1.9, fill: "#5b3b00" }),
    s("path", {
      d: "M26.5 31c3 3.4 8 3.4 11 0",
      fill: "none",
      stroke: "#5b3b00",
      "stroke-width": 2,
      "stroke-linecap": "round",
    }),
  );
}
