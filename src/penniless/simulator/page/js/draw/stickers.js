// Stickers, drawn by us. LINE's own pictures belong to LINE and are not fetched; a package id chooses an animal,
// a sticker id its mood, colours and words, so that the same sticker always looks the same.

import { s } from "../lib/dom.js";
import { hash } from "../lib/hash.js";
import { text } from "../lib/safe.js";

const INK = "#3a2b20";
const line = (width = 4) => ({
  fill: "none",
  stroke: INK,
  "stroke-width": width,
  "stroke-linecap": "round",
  "stroke-linejoin": "round",
});
const edge = { stroke: INK, "stroke-width": 4, "stroke-linejoin": "round", "stroke-linecap": "round" };
const path = (d, props) => s("path", { d, ...props });
const oval = (cx, cy, rx, ry, props) => s("ellipse", { cx, cy, rx, ry, ...props });

const ANIMALS = {
  cat: (skin) => [
    path("M52 84L46 34l34 22zM148 84l6-50-34 22z", { fill: skin, ...edge }),
    oval(100, 100, 62, 54, { fill: skin, ...edge }),
    path("M24 96l24 4M24 114l24-2M176 96l-24 4M176 114l-24-2", line(3)),
  ],
  bear: (skin) => [
    oval(54, 56, 20, 20, { fill: skin, ...edge }),
    oval(146, 56, 20, 20, { fill: skin, ...edge }),
    oval(100, 100, 62, 56, { fill: skin, ...edge }),
    oval(100, 120, 24, 18, { fill: "#fff4e2" }),
  ],
  rabbit: (skin) => [
    oval(74, 42, 15, 36, { fill: skin, ...edge }),
    oval(126, 42, 15, 36, { fill: skin, ...edge }),
    oval(74, 46, 6, 22, { fill: "#ffc3cf" }),
    oval(126, 46, 6, 22, { fill: "#ffc3cf" }),
    oval(100, 106, 58, 50, { fill: skin, ...edge }),
  ],
  chick: (skin) => [
    path("M100 42c-6-14 4-20 8-8 6-10 16-2 6 10", { fill: skin, ...edge }),
    oval(100, 100, 58, 58, { fill: skin, ...edge }),
    path("M40 104c-18 4-22 22-8 28 8-4 12-10 14-16M160 104c18 4 22 22 8 28-8-4-12-10-14-16", {
      fill: skin,
      ...edge,
    }),
  ],
  ghost: (skin) => [
    path("M44 150V92c0-36 26-54 56-54s56 18 56 54v58c-10 10-18-8-28 0s-18 8-28 0-18-8-28 0-18 10-28 0z", {
      fill: skin,
      ...edge,
    }),
  ],
  coin: (skin) => [
    oval(100, 98, 60, 60, { fill: skin, ...edge }),
    s("circle", {
      cx: 100,
      cy: 98,
      r: 48,
      fill: "none",
      stroke: "#fff",
      "stroke-opacity": 0.65,
      "stroke-width": 5,
      "stroke-dasharray": "3 9",
    }),
  ],
};

const dots = (y = 92) => [oval(78, y, 6, 8, { fill: INK }), oval(122, y, 6, 8, { fill: INK })];
const blush = () => [
  oval(64, 112, 9, 5, { fill: "#ff8f9c", "fill-opacity": 0.6 }),
  oval(136, 112, 9, 5, { fill: "#ff8f9c", "fill-opacity": 0.6 }),
];
const heart = (x, y, size) =>
  path(
    `M${x} ${y + size}c-${size * 1.6}-${size} -${size}-${size * 2.2} 0-${size}c${size}-${size * 1.2} ${size * 1.6} 0 0 ${size}z`,
    { fill: "#ff5a76" },
  );

const MOODS = {
  happy: () => [
    path("M70 94c4-8 14-8 18 0M112 94c4-8 14-8 18 0", line()),
    path("M88 112c6 9 18 9 24 0", line()),
    blush(),
  ],
  laughing: () => [
    path("M70 86l16 8-16 8M130 86l-16 8 16 8", line()),
    path("M82 110h36c0 24-36 24-36 0z", { fill: "#b7433f", ...edge }),
    path("M62 106c-8 6-8 14-2 14s6-8 2-14zM138 106c8 6 8 14 2 14s-6-8-2-14z", { fill: "#8fd0f5" }),
  ],
  "in love": () => [
    heart(78, 90, 11),
    heart(122, 90, 11),
    path("M86 112c8 10 20 10 28 0", line()),
    heart(166, 44, 9),
    heart(30, 60, 7),
  ],
  crying: () => [
    path("M68 92c6 5 14 5 20 0M112 92c6 5 14 5 20 0", line()),
    path("M72 100v40c0 10 12 10 12 0v-40M116 100v40c0 10 12 10 12 0v-40", {
      fill: "#8fd0f5",
      "fill-opacity": 0.85,
    }),
    path("M90 122c6-7 14-7 20 0", line()),
  ],
  angry: () => [
    path("M66 80l20 9M134 80l-20 9", line(5)),
    dots(98),
    path("M88 120c6-6 18-6 24 0", line()),
    path("M148 40c-2 8-6 10-12 10M152 62c-4-6-2-10 2-14M166 46c-6 2-10 0-12-4", {
      ...line(4),
      stroke: "#d8403a",
    }),
  ],
  surprised: () => [
    oval(76, 90, 9, 12, { fill: "#fff", ...edge }),
    oval(124, 90, 9, 12, { fill: "#fff", ...edge }),
    oval(76, 91, 3, 4, { fill: INK }),
    oval(124, 91, 3, 4, { fill: INK }),
    oval(100, 122, 9, 12, { fill: "#b7433f", ...edge }),
    path("M176 40l-10 10M184 62h-13M162 26l-4 12", line(4)),
  ],
  winking: () => [
    path("M68 92h20", line(5)),
    oval(122, 92, 6, 8, { fill: INK }),
    path("M86 110c6 9 20 9 28 0", line()),
    blush(),
    path("M166 34l4 10 10 4-10 4-4 10-4-10-10-4 10-4z", { fill: "#ffd23e", ...edge, "stroke-width": 3 }),
  ],
  sleepy: () => [
    path("M68 94c6 5 14 5 20 0M112 94c6 5 14 5 20 0", line()),
    oval(100, 116, 6, 5, { fill: "#b7433f" }),
    path("M150 52h14l-14 16h14M172 30h10l-10 12h10", { ...line(4), stroke: "#4f74b8" }),
  ],
  nervous: () => [
    dots(90),
    path("M84 116c5-6 9 6 14 0s9 6 16 0", line()),
    path("M154 58c-9 12-9 20-1 20s9-8 1-20z", { fill: "#8fd0f5", ...edge, "stroke-width": 3 }),
  ],
  proud: () => [
    path("M66 88c4-5 18-5 22 1M112 89c4-6 18-6 22-1", line(5)),
    path("M90 112c8 6 16 4 22-4", line()),
    path("M32 54l3 9 9 3-9 3-3 9-3-9-9-3 9-3z", { fill: "#ffd23e" }),
    path("M170 40l4 11 11 4-11 4-4 11-4-11-11-4 11-4z", { fill: "#ffd23e" }),
  ],
};

const WORDS = [
  "",
  "OK!",
  "",
  "ありがとう",
  "",
  "谢谢!",
  "",
  "ขอบคุณ",
  "",
  "Hi!",
  "",
  "おつかれ",
  "",
  "加油!",
  "",
  "สู้ ๆ",
  "",
  "Thanks",
  "",
  "了解!",
];
const SKINS = ["#ffe08a", "#ffffff", "#f7c59f", "#cfe8ff", "#e6d3f7", "#c9efc4", "#ffd1dc", "#ddd5cc"];
const ANIMAL_NAMES = Object.keys(ANIMALS);
const MOOD_NAMES = Object.keys(MOODS);

const numeric = (id) => (/^\d{1,15}$/.test(id) ? Number(id) : hash(id));

function ribbon(words) {
  if (!words) return null;
  const width = 30 + [...words].length * 21;
  return [
    s("rect", { x: 100 - width / 2, y: 150, width, height: 40, rx: 20, fill: "#fff", ...edge }),
    s(
      "text",
      {
        x: 100,
        y: 178,
        "text-anchor": "middle",
        "font-size": 24,
        "font-weight": 700,
        fill: INK,
        "font-family": "inherit",
      },
      words,
    ),
  ];
}

/** What the sticker shows, in words: "laughing cat, OK!". */
export function stickerName(packageId, stickerId) {
  const { animal, mood, words } = design(packageId, stickerId);
  return `${mood} ${animal}${words ? `, ${words}` : ""}`;
}

function design(packageId, stickerId) {
  const id = numeric(text(stickerId));
  return {
    animal: ANIMAL_NAMES[hash(text(packageId)) % ANIMAL_NAMES.length],
    mood: MOOD_NAMES[id % MOOD_NAMES.length],
    skin: SKINS[Math.floor(id / 3) % SKINS.length],
    words: WORDS[id % WORDS.length],
  };
}

/** An <svg> of 200 x 200 units; `plain` leaves out the words. */
export function drawSticker(packageId, stickerId, { plain = false } = {}) {
  const { animal, mood, skin, words: written } = design(packageId, stickerId);
  const words = plain ? "" : written;
  return s(
    "svg",
    {
      class: "sticker-art",
      viewBox: "0 0 200 200",
      role: "img",
      "aria-label": `Sticker: ${stickerName(packageId, stickerId)}`,
    },
    oval(100, 168, 44, 7, { fill: "#000", "fill-opacity": words ? 0 : 0.12 }),
    ANIMALS[animal](skin),
    MOODS[mood](),
    ribbon(words),
  );
}

/** Packages that LINE lets bots and people send (a part of its public list), for the picker. */
export const PACKAGES = [
  { packageId: "446", first: 1988 },
  { packageId: "789", first: 10855 },
  { packageId: "1070", first: 17839 },
  { packageId: "6325", first: 10979904 },
  { packageId: "11537", first: 52002734 },
  { packageId: "11538", first: 51626494 },
].map(({ packageId, first }) => ({
  packageId,
  stickerIds: Array.from({ length: 20 }, (_, i) => String(first + i)),
}));
