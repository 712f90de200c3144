// A drawn map: no tiles are fetched. Streets, a park and water follow from the coordinates, so a place always looks the same.

import { s } from "../lib/dom.js";
import { random } from "../lib/hash.js";

const WIDTH = 240;
const HEIGHT = 130;

function streets(next) {
  const lines = [];
  const slant = (next() - 0.5) * 40;
  for (let x = -20 + next() * 30; x < WIDTH + 20; x += 34 + next() * 26)
    lines.push(`M${x} -5L${x + slant} ${HEIGHT + 5}`);
  for (let y = next() * 24; y < HEIGHT; y += 26 + next() * 18)
    lines.push(`M-5 ${y}L${WIDTH + 5} ${y - slant / 3}`);
  return lines.join("");
}

function water(next) {
  const y = 10 + next() * (HEIGHT - 20);
  return `M-5 ${y}C${WIDTH * 0.3} ${y - 50 + next() * 100} ${WIDTH * 0.6} ${y - 40 + next() * 80} ${WIDTH + 5} ${next() * HEIGHT}`;
}

/** An <svg> with a pin in the middle. Decoration: title and address stand below. */
export function drawnMap(latitude, longitude) {
  const next = random(`${latitude},${longitude}`);
  const avenue = `M-5 ${HEIGHT * (0.3 + next() * 0.4)}L${WIDTH + 5} ${HEIGHT * (0.3 + next() * 0.4)}`;
  const park = {
    x: next() * WIDTH * 0.7,
    y: next() * HEIGHT * 0.6,
    width: 40 + next() * 40,
    height: 26 + next() * 26,
    rx: 6,
  };
  return s(
    "svg",
    {
      class: "map",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      "aria-hidden": "true",
      preserveAspectRatio: "xMidYMid slice",
    },
    s("rect", { class: "map-land", width: WIDTH, height: HEIGHT }),
    s("rect", { class: "map-park", ...park }),
    s("path", { class: "map-water", d: water(next) }),
    s("path", { class: "map-street", d: streets(next) }),
    s("path", { class: "map-avenue-edge", d: avenue }),
    s("path", { class: "map-avenue", d: avenue }),
    s("ellipse", { class: "map-shadow", cx: 120, cy: 78, rx: 9, ry: 3 }),
    s("path", { class: "map-pin", d: "M120 78s-14-15-14-26a14 14 0 0128 0c0 11-14 26-14 26z" }),
    s("circle", { class: "map-dot", cx: 120, cy: 52, r: 5 }),
  );
}
