// The rich menu at the foot of a 1:1 chat: a bar with its text, and a picture with areas to tap.
// https://developers.line.biz/en/docs/messaging-api/using-rich-menus/

import { getPerson } from "../api.js";
import { icon } from "../draw/icons.js";
import { css, h, put } from "../lib/dom.js";
import { list, number, record, text } from "../lib/safe.js";
import { toast } from "../ui/toast.js";

/** `show(open)` opens and closes it, as postback actions can; without a menu nothing happens. */
export function createRichMenu(box, { model, perform }) {
  let shown = null; // {person, id, menu, image}
  let wanted = ""; // what is being fetched, or shown
  let open = false;

  async function look() {
    const { selected, world } = model;
    const person = selected?.kind === "person" ? selected.name : null;
    const id = person ? (world?.richMenus?.[person] ?? null) : null;
    const key = id ? `${person} ${id}` : "";
    if (key === wanted) return;
    wanted = key;
    const menu = id ? await fetched(person) : null;
    if (key === wanted) take(menu && { person, id, ...menu });
  }

  /** Another menu of the same person stays open, or closed; a person's first opens if it says `selected`. */
  function take(next) {
    if (!shown || !next || shown.person !== next.person) open = next?.menu.selected === true;
    shown = next;
    draw();
  }

  function draw() {
    box.hidden = !shown;
    const focused = box.contains(document.activeElement);
    put(box, shown ? [bar(shown.menu), open ? picture(shown, perform) : null] : null);
    if (focused) box.querySelector("button")?.focus();
  }

  function show(wish) {
    open = wish;
    draw();
  }

  function bar(menu) {
    const label = text(menu.chatBarText) || "Menu";
    return h(
      "button.richmenu-bar",
      { type: "button", "aria-expanded": String(open), on: { click: () => show(!open) } },
      icon("menu", 20),
      h("span", {}, label),
      h("span.richmenu-arrow", {}, icon("down", 18)),
    );
  }

  for (const name of ["world", "select"]) model.on(name, look);
  return { show: (wish) => shown && show(wish) };
}

async function fetched(person) {
  try {
    const { richMenu, richMenuImage } = await getPerson(person);
    return richMenu ? { menu: richMenu, image: richMenuImage } : null;
  } catch (error) {
    toast(error.message, { bad: true });
    return null;
  }
}

function picture({ menu, image, id }, perform) {
  const size = record(menu.size);
  const whole = { width: number(size.width, 2500, 1), height: number(size.height, 1686, 1) };
  const element = h(
    "div.richmenu-picture",
    { role: "group", "aria-label": `Rich menu: ${text(menu.name) || text(menu.chatBarText)}`, data: { id } },
    image ? h("img", { src: image, alt: "", draggable: "false" }) : null,
    list(menu.areas).map((area, index) => spot(record(area), whole, index, perform)),
  );
  return css(element, { "aspect-ratio": `${whole.width} / ${whole.height}` });
}

function spot({ bounds, action }, whole, index, perform) {
  const given = record(action);
  const label = text(given.label) || text(given.text) || text(given.displayText) || text(given.uri);
  const name = label || `Area ${index + 1}: ${text(given.type)}`;
  const { x, y, width, height } = record(bounds);
  const percent = (value, of) => `${(number(value, 0, 0) * 100) / of}%`;
  return css(
    h("button.area", {
      type: "button",
      "aria-label": name,
      title: name,
      on: { click: () => perform(given) },
    }),
    {
      left: percent(x, whole.width),
      top: percent(y, whole.height),
      width: percent(width, whole.width),
      height: percent(height, whole.height),
    },
  );
}
