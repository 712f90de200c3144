// Faces of people, groups and the bot: a picture where one is given, else drawn from the name and a colour.

import { css, h } from "../lib/dom.js";
import { hash } from "../lib/hash.js";
import { color, mediaUrl } from "../lib/safe.js";
import { firstGrapheme } from "../lib/text.js";
import { icon } from "./icons.js";

const COLORS = ["#2f6f9f", "#8a5a9e", "#b0563b", "#3d7d57", "#a04a6c", "#5b6bb5", "#8b6a1f", "#35777f"];

function picture(url) {
  const image = h("img", { src: url, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.remove()); // the letter behind it shows
  return image;
}

/** White letters need a ground of middle darkness; a pale colour gets dark letters. */
function inkOn(ground) {
  const value = Number.parseInt(ground.slice(1, 7).padEnd(6, "0"), 16);
  const light = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return light > 140 ? "#1b2430" : "#ffffff";
}

/** `name` gives the letter, `ground` the colour, `url` the picture. Decoration: the name stands beside it. */
export function avatar({ name, ground, url, size = 40, kind = "person" }) {
  const fill = color(ground)?.length === 7 ? ground : COLORS[hash(name) % COLORS.length];
  const inside =
    kind === "group" ? icon("people", Math.round(size * 0.58)) : h("span", {}, firstGrapheme(name));
  const element = h("span.avatar", { "aria-hidden": "true" }, inside);
  css(element, { "--size": `${size}px`, "background-color": fill, color: inkOn(fill) });
  const address = mediaUrl(url);
  if (address) element.append(picture(address));
  return element;
}
