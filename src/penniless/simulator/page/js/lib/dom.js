// Elements are made here and nowhere else. Law: text goes in as text nodes, never as markup; there is no way
// to hand this module HTML, an inline style attribute or an inline handler.

const SVG = "http://www.w3.org/2000/svg";
const FORBIDDEN = /^(on|style$|srcdoc$)/i;
const ADDRESSES = new Set(["href", "src", "poster", "action"]);
const RUNS = /^[^a-z]*(javascript|vbscript|data:text)/i;

/** h("button.chip", {type: "button", on: {click}}, "Yes"): an HTML element. Null and false children are left out. */
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.classList.add(...classes);
  return fill(element, props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  add(element, ...children);
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (Object.hasOwn(SPECIAL, name)) SPECIAL[name](element, value);
  else element.setAttribute(checked(name, value), value === true ? "" : String(value));
}

const SPECIAL = {
  on: (element, handlers) =>
    Object.entries(handlers).forEach(([event, fn]) => element.addEventListener(event, fn)),
  data: (element, values) =>
    Object.entries(values).forEach(([key, one]) => (element.dataset[key] = String(one))),
  class: (element, names) => element.classList.add(...String(names).split(" ").filter(Boolean)),
};

/** A second lock: lib/safe.js lets none of these through. */
function checked(name, value) {
  if (FORBIDDEN.test(name)) throw new TypeError(`the attribute ${name} is not set from here`);
  if (ADDRESSES.has(name) && RUNS.test(String(value)))
    throw new TypeError("an address that runs is not set from here");
  return name;
}

/** Appends nodes and texts; arrays are flattened. */
export function add(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Replaces the children. */
export function put(element, ...children) {
  element.replaceChildren();
  return add(element, ...children);
}

/** Sets CSS properties one by one (allowed under `style-src 'self'`). Null removes. Values are checked by the caller. */
export function css(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === "") element.style.removeProperty(name);
    else element.style.setProperty(name, String(value));
  }
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Enter and Space act like a tap on elements that cannot be real buttons (they hold buttons themselves). */
export function tappable(element, label, act) {
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  if (label) element.setAttribute("aria-label", label);
  element.classList.add("tappable");
  element.addEventListener("click", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    act();
  });
  element.addEventListener("keydown", (event) => {
    if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    act();
  });
  return element;
}
