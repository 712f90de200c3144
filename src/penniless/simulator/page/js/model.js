// What the page knows: the world, the chats, the wire, the log, which chat is open and as whom.
// Law: the one place where it changes; views listen and draw. Entries and wire items are kept by `seq`,
// so hearing of the same thing twice is harmless.

/** Makes the model. `on(name, fn)` listens, and gives a function that stops listening; names: world select chat entry loading wire wires log bot unread link. */
export function createModel() {
  const listeners = new Map();
  const model = {
    world: null,
    chats: new Map(), // chat id -> Map(seq -> Entry)
    wire: new Map(), // seq -> Webhook | Call
    rows: [],
    loading: new Map(), // chat id -> until, milliseconds
    unread: new Map(), // chat id -> count
    selected: null, // {kind, name, chat, me}
    linked: false,
    on(name, fn) {
      listeners.set(name, [...(listeners.get(name) ?? []), fn]);
      return () =>
        listeners.set(
          name,
          listeners.get(name).filter((one) => one !== fn),
        );
    },
    emit(name, value) {
      for (const fn of listeners.get(name) ?? []) fn(value);
    },
  };
  return model;
}

export const people = (model) => model.world?.people ?? [];
export const groups = (model) => model.world?.groups ?? [];
export const personNamed = (model, name) => people(model).find((one) => one.name === name);
export const personWithId = (model, id) => people(model).find((one) => one.userId === id);
export const groupNamed = (model, name) => groups(model).find((one) => one.name === name);
export const me = (model) => (model.selected ? personNamed(model, model.selected.me) : undefined);
export const entriesOf = (model, chat) => [...(model.chats.get(chat)?.values() ?? [])];
export const lastEntry = (model, chat) => entriesOf(model, chat).at(-1);

/** Who an id belongs to, in a word: a person, a group, the bot, or the id itself. */
export function nameOfId(model, id) {
  const bare = String(id ?? "").replace(/^(user|group|room)#/, "");
  const group = groups(model).find((one) => one.id === bare);
  if (bare && bare === model.world?.channel?.userId) return model.world.channel.name;
  return personWithId(model, bare)?.displayName ?? group?.name ?? bare;
}

export function setWorld(model, world) {
  model.world = world;
  model.loading = new Map(Object.entries(world.loading ?? {}));
  speakAsMember(model);
  model.emit("world", world);
  model.emit("bot", world.bot);
  model.emit("loading");
}

/** Who has left the open group cannot speak there any more: another member does, if there is one. */
function speakAsMember(model) {
  const { selected } = model;
  const group = selected?.kind === "group" ? groupNamed(model, selected.name) : null;
  if (!group || group.members.includes(selected.me) || group.members[0] === selected.me) return;
  select(model, selected);
}

/** Replaces everything at once, as after a (re)connection. `chats`: as GET /sim/chat gives them. */
export function replaceAll(model, { world, chats, wire }) {
  model.chats = new Map(
    chats.map(({ chat, entries }) => [chat, new Map(entries.map((entry) => [entry.seq, entry]))]),
  );
  model.wire = new Map(wire.map((item) => [item.seq, item]));
  setWorld(model, world);
  model.emit("wires");
  model.emit("chat");
}

export function putEntry(model, entry) {
  if (!model.chats.has(entry.chat)) model.chats.set(entry.chat, new Map());
  const chat = model.chats.get(entry.chat);
  const isNew = !chat.has(entry.seq);
  const late = isNew && entry.seq < ([...chat.keys()].at(-1) ?? 0);
  chat.set(entry.seq, entry);
  if (late) sortChat(model, entry.chat);
  if (isNew && entry.from === "bot") model.loading.delete(entry.chat);
  if (isNew) countUnread(model, entry);
  if (!late) model.emit("entry", { entry, isNew });
}

/** An entry came after a newer one: the chat is drawn anew, in order. */
function sortChat(model, chat) {
  model.chats.set(chat, new Map([...model.chats.get(chat)].sort(([one], [other]) => one - other)));
  model.emit("chat");
}

function countUnread(model, entry) {
  const open = model.selected?.chat === entry.chat && !document.hidden;
  if (open || entry.from === "system" || entry.chat === entry.userId) return;
  model.unread.set(entry.chat, (model.unread.get(entry.chat) ?? 0) + 1);
  model.emit("unread");
}

export function putWire(model, item) {
  const isNew = !model.wire.has(item.seq);
  model.wire.set(item.seq, item);
  model.emit("wire", { item, isNew });
}

export function setRows(model, rows) {
  model.rows = rows;
  model.emit("log");
}

export function setLoading(model, { chat, until }) {
  if (until) model.loading.set(chat, until);
  else model.loading.delete(chat);
  model.emit("loading");
}

export function setBot(model, bot) {
  if (model.world) model.world.bot = bot;
  model.emit("bot", bot);
}

export function setLinked(model, linked) {
  if (model.linked === linked) return;
  model.linked = linked;
  model.emit("link", linked);
}

/** The world was emptied. */
export function forgetUnread(model) {
  model.unread.clear();
  model.emit("unread");
}

/** Opens a person's own chat with the bot, or a group as one of its members. */
export function select(model, { kind, name, as }) {
  const chosen = kind === "group" ? groupNamed(model, name) : personNamed(model, name);
  if (!chosen) return false;
  const speaker = kind === "group" ? (chosen.members.includes(as) ? as : chosen.members[0]) : name;
  model.selected = { kind, name, chat: kind === "group" ? chosen.id : chosen.userId, me: speaker };
  seen(model);
  model.emit("select", model.selected);
  return true;
}

/** The open chat has been looked at. */
export function seen(model) {
  if (model.selected && model.unread.delete(model.selected.chat)) model.emit("unread");
}
