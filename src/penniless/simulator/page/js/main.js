// Puts the parts together: the model, the views on it, and the stream that keeps it up to date.

import * as api from "./api.js";
import { createActions } from "./actions.js";
import { createChat } from "./chat/chat.js";
import { createHead } from "./chat/head.js";
import { createCompose } from "./compose/compose.js";
import { createInspector } from "./inspector/inspector.js";
import { byId } from "./lib/dom.js";
import * as state from "./model.js";
import { createRichMenu } from "./menu/richmenu.js";
import { createRail } from "./people/rail.js";
import { createSender } from "./sender.js";
import { createLayout } from "./ui/layout.js";
import { createStatus } from "./ui/status.js";
import { startTheme } from "./ui/theme.js";
import { toast } from "./ui/toast.js";

const model = state.createModel();

const HEARD = {
  entry: (entry) => state.putEntry(model, entry),
  wire: (item) => state.putWire(model, item),
  world: (world) => state.setWorld(model, world),
  loading: (one) => state.setLoading(model, one),
  log: () => refreshLog(),
  bot: (bot) => state.setBot(model, bot),
  reset: () => {
    state.forgetUnread(model);
    refresh();
  },
};

let waiting = null; // events that came while everything is being fetched; null when nothing is

function hear(kind, value) {
  if (waiting) waiting.push([kind, value]);
  else HEARD[kind](value);
}

/** Fetches everything anew. The stream is open by then, so nothing falls between the two. */
async function refresh() {
  if (waiting) return;
  waiting = [];
  try {
    await fetchAll();
    state.setLinked(model, true);
  } catch (error) {
    toast(error.message, { bad: true });
  }
  const events = waiting;
  waiting = null;
  for (const [kind, value] of events) HEARD[kind](value);
}

async function fetchAll() {
  const [world, wire] = await Promise.all([api.getWorld(), api.getWire()]);
  const names = [...world.people, ...world.groups].map((one) => one.userId ?? one.id);
  const chats = await Promise.all(names.map((name) => api.getChat(name)));
  state.replaceAll(model, { world, chats, wire: wire.entries });
  if (!stillThere(model.selected)) selectFirst();
  await refreshLog();
}

const stillThere = (selected) =>
  Boolean(selected) &&
  (selected.kind === "group" ? state.groupNamed : state.personNamed)(model, selected.name) !== undefined;

let logAsked = false;

/** Several `log` events close together cost one request. */
async function refreshLog() {
  if (logAsked) return;
  logAsked = true;
  await new Promise((resolve) => setTimeout(resolve, 60));
  logAsked = false;
  try {
    state.setRows(model, (await api.getLog()).rows);
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

function selectFirst() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const fromAddress =
    (wanted.has("group") &&
      state.select(model, { kind: "group", name: wanted.get("group"), as: wanted.get("as") })) ||
    (wanted.has("person") && state.select(model, { kind: "person", name: wanted.get("person") }));
  const first = state.people(model)[0];
  if (!fromAddress && first) state.select(model, { kind: "person", name: first.name });
}

function keepInAddress({ kind, name, me }) {
  const address = new URLSearchParams(kind === "group" ? { group: name, as: me } : { person: name });
  history.replaceState(null, "", `#${address}`);
}

function start() {
  startTheme();
  const layout = createLayout();
  const sender = createSender(model);
  const compose = createCompose(byId("talk-foot"), { model, sender });
  const menu = createRichMenu(compose.menuBox, { model, perform: (action) => actions.perform(action) });
  const actions = createActions({ model, sender, compose, menu });
  createRail(byId("rail"), { model, layout, sender });
  createHead(byId("talk-head"), { model, layout, sender });
  createStatus(byId("talk-status"), { model, sender });
  createChat({ model, sender, actions, compose });
  createInspector(byId("inspector"), { model, layout });
  model.on("select", keepInAddress);
  document.addEventListener("visibilitychange", () => !document.hidden && state.seen(model));
  api.listen({ onOpen: refresh, onLost: () => state.setLinked(model, false), onEvent: hear });
}

start();
