// The bar above the messages: the bot, who "I" am, and the switches.

import { avatar } from "../draw/avatar.js";
import { icon } from "../draw/icons.js";
import { h, put } from "../lib/dom.js";
import { groupNamed, me } from "../model.js";
import { aboutPerson } from "../people/about.js";
import { openMembers } from "../people/members.js";
import { popup } from "../ui/popup.js";
import { copyText } from "../actions.js";
import { asTest } from "../inspector/astest.js";
import { startOver } from "../inspector/world.js";
import { nextTheme, setTheme, theme } from "../ui/theme.js";

const NARROW = matchMedia("(max-width: 719px)");
const THEMES = { auto: "As the system", light: "Light", dark: "Dark" };
const BOT_WORDS = { running: "running", starting: "starting", failed: "failed", external: "external bot" };

export function createHead(box, { model, layout, sender }) {
  function draw() {
    if (!model.world || !model.selected) return;
    keepingFocus(box, () => put(box, parts({ model, layout, sender })));
    const count = unreadIn(model);
    document.title = `${count ? `(${count}) ` : ""}${model.world.channel.name} · Penniless`;
  }

  for (const name of ["world", "select", "bot", "unread"]) model.on(name, draw);
  layout.onChange(draw);
}

const unreadIn = (model) => [...model.unread.values()].reduce((sum, one) => sum + one, 0);

/** The bar is drawn anew at each change; a button that had the focus has it afterwards. */
function keepingFocus(box, draw) {
  const key = box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  draw();
  if (key) [...box.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
}

function parts({ model, layout, sender }) {
  return [
    railButton(model, layout),
    title(model),
    h(
      "div.head-buttons",
      {},
      membersButton(model, sender),
      themeButton(),
      inspectorButton(layout),
      moreButton(model, sender),
    ),
  ];
}

function railButton(model, layout) {
  const count = unreadIn(model);
  const label = count ? `Chats, ${count} unread` : "Chats";
  return h(
    "button.icon-button.rail-button",
    {
      type: "button",
      "aria-label": label,
      "aria-expanded": String(layout.isOpen("rail")),
      "aria-controls": "rail",
      data: { key: "rail" },
      on: { click: () => layout.toggle("rail") },
    },
    icon("back"),
    count ? h("span.badge", { "aria-hidden": "true" }, count > 99 ? "99+" : count) : null,
  );
}

function title(model) {
  const { channel, bot } = model.world;
  const group = model.selected?.kind === "group" ? groupNamed(model, model.selected.name) : null;
  const face = group
    ? avatar({ name: group.name, kind: "group", size: 38 })
    : avatar({ name: channel.name, url: channel.pictureUrl, size: 38, ground: "#12324f" });
  const words = BOT_WORDS[bot?.status] ?? "";
  return h(
    "div.head-title",
    {},
    face,
    h(
      "div.head-names",
      {},
      h("h1", {}, group ? `${group.name} (${group.members.length + Number(group.hasBot)})` : channel.name),
      h(
        "p",
        {},
        h("span.dot", { class: `dot-${bot?.status ?? "external"}`, "aria-hidden": "true" }),
        [words, me(model) && `as ${me(model).displayName}`].filter(Boolean).join(" · "),
      ),
    ),
  );
}

/** In a group: who is in it, and who comes and goes. */
function membersButton(model, sender) {
  if (model.selected.kind !== "group") return null;
  const act = () => openMembers(model.selected.name, { model, sender });
  return h(
    "button.icon-button",
    {
      type: "button",
      "aria-label": "Members",
      title: "Members",
      data: { key: "members" },
      on: { click: act },
    },
    icon("people"),
  );
}

function themeButton() {
  const now = theme();
  const button = h(
    "button.icon-button.theme-button",
    {
      type: "button",
      "aria-label": `Colours: ${THEMES[now]}`,
      title: `Colours: ${THEMES[now]}`,
      data: { key: "theme" },
    },
    icon(THEME_ICONS[now]),
  );
  button.addEventListener("click", () => {
    const next = nextTheme();
    put(button, icon(THEME_ICONS[next]));
    button.setAttribute("aria-label", `Colours: ${THEMES[next]}`);
    button.title = `Colours: ${THEMES[next]}`;
  });
  return button;
}

const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" };

function inspectorButton(layout) {
  const open = layout.isOpen("inspector");
  return h(
    "button.icon-button",
    {
      type: "button",
      "aria-label": "Inspector",
      title: "Inspector",
      "aria-expanded": String(open),
      "aria-controls": "inspector",
      data: { key: "inspector" },
      on: { click: () => layout.toggle("inspector") },
    },
    icon("panel"),
  );
}

function moreButton(model, sender) {
  const button = h(
    "button.icon-button",
    { type: "button", "aria-label": "More", title: "More", "aria-haspopup": "menu", data: { key: "more" } },
    icon("more"),
  );
  button.addEventListener("click", () =>
    popup({ label: "More", at: button, items: moreItems(model, sender) }),
  );
  return button;
}

const themeItems = () => [
  ...Object.entries(THEMES).map(([choice, label]) => ({
    label: `Colours: ${label.toLowerCase()}`,
    icon: THEME_ICONS[choice],
    checked: theme() === choice,
    act: () => setTheme(choice),
  })),
  null,
];

function blockItem(model, sender) {
  const person = me(model);
  return person.blocked
    ? { label: `Unblock ${model.world.channel.name}`, icon: "heart", act: () => sender.unblock(person.name) }
    : { label: `Block ${model.world.channel.name}`, icon: "ban", act: () => sender.block(person.name) };
}

function moreItems(model, sender) {
  const address = `/sim/chat/${encodeURIComponent(model.selected.name)}?format=text`;
  return [
    ...(NARROW.matches ? themeItems() : []), // where there is room, the bar has a button for it
    blockItem(model, sender),
    { label: `About ${me(model).displayName} …`, icon: "person", act: () => aboutPerson(me(model)) },
    { label: "Copy as a test", icon: "test", act: () => copyText(asTest(model, model.selected.chat)) },
    { label: "Transcript as plain text", icon: "out", act: () => window.open(address, "_blank", "noopener") },
    null,
    { label: "Start over: empty all chats", icon: "clear", danger: true, act: startOver },
  ];
}
