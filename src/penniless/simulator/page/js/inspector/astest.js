// A conversation as a test: pytest, with the fixtures of penniless.testing. What people did is done again, and
// what the bot said is expected.

import { list, pick, record, text } from "../lib/safe.js";
import { groups, people, personWithId } from "../model.js";
import { literal, variable } from "./python.js";

const FIXTURES = new Set(["alice", "bob"]);

/** The test's text. `until` (a seq) leaves out what people did after that. */
export function asTest(model, chat, until = Infinity) {
  const story = tell(model, chat, until);
  const names = [...story.people];
  const others = names.filter((name) => !FIXTURES.has(name));
  const needsLine = others.length > 0 || story.group || story.together;
  const fixtures = [...(needsLine ? ["line"] : []), ...names.filter((name) => FIXTURES.has(name))];
  const body = [
    ...others.map((name) => madePerson(model, story, name)),
    ...(story.group ? [madeGroup(story)] : []),
    ...story.lines,
  ];
  const imports = [...story.classes].sort();
  return [
    ...(imports.length ? [`from penniless.messages import ${imports.join(", ")}`, "", ""] : []),
    `def test_conversation(${fixtures.join(", ")}):`,
    ...(body.length ? body : ["assert not alice.chat.said"]).map((one) => `    ${one}`),
    "",
  ].join("\n");
}

function madePerson(model, story, name) {
  const person = people(model).find((one) => one.name === name);
  const shown = person.displayName === name ? "" : `, display_name=${literal(person.displayName)}`;
  const language = person.language === "en" ? "" : `, language=${literal(person.language)}`;
  return `${story.variables.get(name)} = line.person(${literal(name)}${shown}${language})`;
}

function madeGroup({ group, groupVariable, variables, founders }) {
  const members = founders.map((name) => variables.get(name) ?? name);
  const kind = group.kind === "room" ? [`kind="room"`] : [];
  return `${groupVariable} = line.group(${[literal(group.name), ...members, ...kind].join(", ")})`;
}

/** Everything of a chat that went to the bot or came from it, in order, as lines of Python. */
function tell(model, chat, until) {
  const story = newStory(model, chat);
  const webhooks = [...model.wire.values()].filter(
    (item) => item.kind === "webhook" && !item.redelivery && item.seq <= until,
  );
  const events = webhooks.flatMap((item) =>
    list(record(item.body).events).map((event) => ({ seq: item.seq, chat: item.chat, event: record(event) })),
  );
  const mine = events.filter((one) => (chatOf(one.event) ?? one.chat) === chat);
  for (const { event } of mine) for (const id of spokenOf(event)) story.named.add(id);
  story.founders = foundersOf(story, mine);
  const last = until === Infinity ? Infinity : nextAfter(model, chat, until);
  const said = [...(model.chats.get(chat)?.values() ?? [])].filter(
    (entry) => entry.from === "bot" && entry.via && entry.seq < last, // greetings are the account's own, via nothing
  );
  story.said = said;
  const steps = [...mine, ...said.map((entry) => ({ seq: entry.seq, entry }))];
  steps.sort((one, other) => one.seq - other.seq);
  for (const { event, entry, seq } of steps) {
    if (entry) hears(story, entry);
    else acts(story, event, seq);
  }
  return story;
}

/** Events of one webhook stay in one. */
function tellOf(story, seq, line) {
  if (story.webhook !== seq) {
    story.webhook = seq;
    story.inOne = false;
    story.lines.push(line);
    return;
  }
  if (!story.inOne) {
    const first = story.lines.pop();
    story.lines.push("with line.together():", `    ${first}`);
    story.inOne = true;
    story.together = true;
  }
  story.lines.push(`    ${line}`);
}

/** Who was in the group at first: those of now, without those who came, with those who went. */
function foundersOf({ model, group }, events) {
  const found = new Set(group?.members);
  for (const { event } of [...events].reverse()) {
    for (const name of namesIn(model, event.joined)) found.delete(name);
    for (const name of namesIn(model, event.left)) found.add(name);
  }
  return [...found];
}

const namesIn = (model, given) =>
  list(record(given).members)
    .map((one) => personWithId(model, record(one).userId)?.name)
    .filter(Boolean);

/** When something next happened in the chat after that webhook. */
function nextAfter(model, chat, seq) {
  const later = [...model.wire.values()].filter(
    (item) => item.kind === "webhook" && item.chat === chat && item.seq > seq,
  );
  return later[0]?.seq ?? Infinity;
}

function newStory(model, chat) {
  const group = groups(model).find((one) => one.id === chat) ?? null;
  const taken = new Set();
  const variables = new Map(people(model).map((one) => [one.name, variable(one.name, taken)]));
  const used = new Set(group ? group.members : [personWithId(model, chat)?.name].filter(Boolean));
  return {
    model,
    group,
    groupVariable: group ? variable(group.name, taken) : "",
    variables,
    people: used,
    classes: new Set(),
    lines: [],
    named: new Set(), // ids of messages that are edited, taken back or quoted later
    messages: new Map(), // id -> variable
    last: [...used][0],
    said: [],
    webhook: null, // the seq of the one whose events are being told
    inOne: false, // whether it has several, in a `with line.together()`
    together: false, // whether any has
    joined: !group,
  };
}

const chatOf = ({ source }) => {
  const { groupId, roomId, userId } = record(source);
  return groupId ?? roomId ?? userId;
};

const spokenOf = ({ type, unsend, message }) =>
  [
    type === "unsend" ? record(unsend).messageId : null,
    type === "messageEdited" ? record(message).id : null,
    record(message).quotedMessageId,
  ].filter(Boolean);

function who(story, event) {
  const id = record(event.source).userId;
  const name = personWithId(story.model, id)?.name ?? story.last;
  story.people.add(name);
  story.last = name;
  return speaker(story, name);
}

const speaker = (story, name) =>
  story.group ? `${story.variables.get(name)}.in_(${story.groupVariable})` : story.variables.get(name);

function acts(story, event, seq) {
  const tell = event.mode === "standby" ? caused : (pick(EVENTS, event.type) ?? caused);
  const line = tell(story, event, seq);
  if (line) tellOf(story, seq, line);
}

const EVENTS = {
  message: (story, event) => {
    const message = record(event.message);
    const said = pick(MESSAGES, message.type);
    if (!said) return caused(story, event);
    const line = `${who(story, event)}.${said(message, story)}`;
    if (!story.named.has(message.id)) return line;
    const name = `message_${story.messages.size + 1}`;
    story.messages.set(message.id, name);
    return `${name} = ${line}`;
  },
  messageEdited: (story, event) => {
    const { id, ...said } = record(event.message);
    const name = story.messages.get(id);
    return name ? `${who(story, event)}.edits(${name}, ${written(said, story)})` : caused(story, event);
  },
  unsend: (story, event) => {
    const name = story.messages.get(record(event.unsend).messageId);
    return name ? `${who(story, event)}.unsends(${name})` : caused(story, event);
  },
  postback,
  follow: (story, event) =>
    record(event.follow).isUnblocked ? `${who(story, event)}.unblocks()` : `${who(story, event)}.follows()`,
  unfollow: (story, event) => `${who(story, event)}.blocks()`,
  join: (story) => {
    const first = !story.joined;
    story.joined = true;
    return first ? null : `${story.groupVariable}.admits_bot()`;
  },
  leave: (story) => `${story.groupVariable}.loses_bot()`,
  memberJoined: (story, event) => `${story.groupVariable}.admits(${members(story, event.joined)})`,
  memberLeft: (story, event) => `${story.groupVariable}.loses(${members(story, event.left)})`,
};

function members(story, given) {
  const names = namesIn(story.model, given);
  for (const name of names) story.people.add(name);
  return names.map((name) => story.variables.get(name)).join(", ");
}

const MESSAGES = {
  text: (message, story) =>
    message.quotedMessageId
      ? replied(story, message.quotedMessageId, message.text)
      : `send(${written(message, story)})`,
  sticker: ({ packageId, stickerId }) => `sends_sticker(${literal(packageId)}, ${literal(stickerId)})`,
  location: ({ title, address, latitude, longitude }) =>
    `sends_location(${[title ?? "", address ?? "", latitude, longitude].map(literal).join(", ")})`,
  image: () => "sends_image()",
  video: ({ duration }) => `sends_video(${duration ? `milliseconds=${literal(duration)}` : ""})`,
  audio: ({ duration }) => `sends_audio(${duration ? `milliseconds=${literal(duration)}` : ""})`,
  file: ({ fileName }) => `sends_file(${fileName ? `name=${literal(fileName)}` : ""})`,
};

function replied(story, id, words) {
  const own = story.messages.get(id);
  if (own) return `replies_to(${own}, ${literal(words)})`;
  const place = story.said.findLast((entry) => entry.id === id);
  return place
    ? `replies_to(${speaker(story, story.last)}.last, ${literal(words)})`
    : `send(${literal(words)})`;
}

/** A text as the arguments of a call, with whom it mentions. */
function written({ text: words, mention }, { model }) {
  const mentioned = list(record(mention).mentionees).map((one) => mentionName(model, record(one)));
  return [literal(words), ...(mentioned.length ? [`mentions=${literal(mentioned)}`] : [])].join(", ");
}

/** Whom a text mentions, as the simulator calls them. */
export function mentionName(model, { type, userId, isSelf }) {
  if (type === "all") return "all";
  return isSelf ? "bot" : (personWithId(model, userId)?.name ?? "bot");
}

/** A tap, if the button is still to be found in what the bot had said by then; else the bare event. */
function postback(story, event, seq) {
  const { data, params } = record(event.postback);
  const before = story.said.filter((entry) => entry.seq < seq).reverse();
  const action = before.map((entry) => actionWith(entry.message, data)).find(Boolean);
  const label = action && (text(action.label) || text(action.displayText));
  if (!label) return caused(story, event);
  const { date, time, datetime } = record(params);
  const chosen = date ?? time ?? datetime;
  return `${who(story, event)}.taps(${[label, ...(chosen ? [chosen] : [])].map(literal).join(", ")})`;
}

function actionWith(value, data, depth = 0) {
  if (depth > 30 || value === null || typeof value !== "object") return null;
  if (["postback", "datetimepicker"].includes(value.type) && value.data === data) return value;
  for (const one of Object.values(value)) {
    const found = actionWith(one, data, depth + 1);
    if (found) return found;
  }
  return null;
}

const COMMON = new Set([
  "type",
  "mode",
  "timestamp",
  "source",
  "webhookEventId",
  "deliveryContext",
  "replyToken",
]);

const SPENT = new Set(["id", "quoteToken", "markAsReadToken"]); // a new message gets new ones

const without = (value, names) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));

/** The properties of an event that are its own; of a message, those that come again with it. */
export function ownProperties(event) {
  const own = without(event, COMMON);
  return event.type === "message" ? { ...own, message: without(record(own.message), SPENT) } : own;
}

function caused(story, event) {
  const mode = event.mode === "standby" ? { mode: "standby" } : {};
  const own = Object.entries({ ...ownProperties(event), ...mode }).map(
    ([name, value]) => `${name}=${literal(value)}`,
  );
  return `${who(story, event)}.causes(${[literal(text(event.type)), ...own].join(", ")})`;
}

const CLASSES = {
  sticker: "StickerMessage",
  image: "ImageMessage",
  video: "VideoMessage",
  audio: "AudioMessage",
  location: "LocationMessage",
  imagemap: "ImagemapMessage",
  template: "TemplateMessage",
  flex: "FlexMessage",
  coupon: "CouponMessage",
};

function hears(story, { message, text: words }) {
  const given = record(message);
  const name = pick(CLASSES, given.type);
  if (name) story.classes.add(name);
  const expected = name ?? literal(text(given.text) || words);
  story.lines.push(`assert ${speaker(story, story.last)}.sees(${expected})`);
}
