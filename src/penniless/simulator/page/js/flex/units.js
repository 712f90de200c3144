// The keywords of Flex, in pixels. LINE publishes the words and their order, not the pixels; these are those of the style
// sheet of its Flex Message Simulator, as https://github.com/PamornT/flex2html/blob/master/css/flex2html.css has it.
// Anything that is neither a keyword nor a well-formed length is ignored, as if it were not there.

import { length } from "../lib/safe.js";

const SPACES = { none: "0", xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px", xxl: "20px" };
export const FONTS = {
  xxs: "11px",
  xs: "13px",
  sm: "14px",
  md: "16px",
  lg: "19px",
  xl: "22px",
  xxl: "29px",
  "3xl": "35px",
  "4xl": "48px",
  "5xl": "74px",
};
export const IMAGES = {
  xxs: "40px",
  xs: "60px",
  sm: "80px",
  md: "100px",
  lg: "120px",
  xl: "140px",
  xxl: "160px",
  "3xl": "180px",
  "4xl": "200px",
  "5xl": "220px",
  full: "100%",
};
const BORDERS = {
  none: "0",
  light: "0.5px",
  normal: "1px",
  medium: "2px",
  "semi-bold": "3px",
  bold: "4px",
};
const CORNERS = { none: "0", xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px", xxl: "20px" };
/** `giga` is as wide as a screen of 400 pixels allows. */
export const BUBBLES = {
  nano: "120px",
  micro: "160px",
  deca: "220px",
  hecto: "241px",
  kilo: "260px",
  mega: "300px",
  giga: "386px",
};
export const JUSTIFY = {
  center: "center",
  "flex-start": "flex-start",
  "flex-end": "flex-end",
  "space-between": "space-between",
  "space-around": "space-around",
  "space-evenly": "space-evenly",
};
export const ALIGN = { center: "center", "flex-start": "flex-start", "flex-end": "flex-end" };
export const SIDES = { start: "flex-start", end: "flex-end", center: "center" };

export const space = (value) => length(value, SPACES, { percent: false });
export const padding = (value) => length(value, SPACES);
export const offset = (value) => length(value, SPACES, { negative: true });
export const font = (value) => length(value, FONTS, { percent: false });
/** As CSS: the size, smaller where it must fit into a line, larger where the app's letters are. */
export const letterSize = (value) => {
  const found = font(value);
  return found ? `calc(${found} * var(--fit, 1) * var(--letters, 1))` : null;
};
export const imageSize = (value) => length(value, IMAGES);
export const border = (value) => length(value, BORDERS, { percent: false });
export const corner = (value) => length(value, CORNERS, { percent: false });
export const extent = (value) => length(value);
