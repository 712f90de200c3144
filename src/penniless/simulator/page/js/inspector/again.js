// What can be done with something on the wire: send it again, as a new act or as LINE's redelivery, or copy it.

import {
  block,
  getMedia,
  joinGroup,
  leaveGroup,
  redeliver,
  sendMessage,
  sendTogether,
  verifyWebhook,
} from "../api.js";
import { copyText } from "../actions.js";
import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";
import { list, pick, record, text } from "../lib/safe.js";
import { groupNamed, groups, personWithId } from "../model.js";
import { toast } from "../ui/toast.js";
import { base64 } from "../compose/files.js";
import { asTest, mentionName, ownProperties } from "./astest.js";
import { callAsCurl, webhookAsCurl } from "./curl.js";

export function webhookButtons(item, model) {
  const events = list(record(item.body).events).map(record);
  if (!item.done) return null;
  return buttons([
    [
      "Send again",
      "reply",
      () => sendAgain(events, item, model),
      "The same once more: new ids, a new reply token",
    ],
    item.eventIds.length
      ? [
          "Send as redelivery",
          "clear",
          () => redeliver(item.eventIds[0]),
          "The same ids and reply token, isRedelivery true",
        ]
      : null,
    ["Copy as curl", "code", () => copyText(webhookAsCurl(item)), "The exact bytes, with their signature"],
    item.chat
      ? [
          "Copy as test",
          "test",
          () => copyText(asTest(model, item.chat, item.seq)),
          "The conversation up to here",
        ]
      : null,
  ]);
}

export const callButtons = (item) =>
  buttons([
    ["Copy as curl", "code", () => copyText(callAsCurl(item)), "The access token is read from the shell"],
  ]);

function buttons(given) {
  return h(
    "div.again",
    { role: "group", "aria-label": "Actions" },
    given
      .filter(Boolean)
      .map(([label, name, act, title]) =>
        h(
          "button.button.small",
          { type: "button", title, on: { click: () => tried(act) } },
          icon(name, 16),
          label,
        ),
      ),
  );
}

async function tried(act) {
  try {
    await act();
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

/** Who does it, and where; null if nobody is there to do it. */
function actor(event, item, model) {
  const { userId, groupId, roomId } = record(event.source);
  const chat = groupId ?? roomId ?? item.chat;
  const group = groups(model).find((one) => one.id === chat);
  const person = (personWithId(model, userId) ?? personWithId(model, chat))?.name ?? group?.members[0];
  return person ? { from: person, ...(group && { in: group.name }) } : null;
}

/** Several events that came in one webhook go out in one again. */
async function sendAgain(events, item, model) {
  if (events.length === 0) return verifyWebhook();
  const acts = [];
  for (const event of events) acts.push(await actOf(event, actor(event, item, model), model));
  if (acts.length > 1 && !acts.some((one) => typeof one === "function")) return sendTogether(acts);
  for (const act of acts) await (typeof act === "function" ? act() : sendMessage(act));
}

/** An event as the act that caused it: for POST /sim/message, or a call of its own. */
async function actOf(event, place, model) {
  if (!place) throw new Error("Nobody is there any more to do that again.");
  if (event.mode === "standby") return { ...place, ...raw(event) };
  const make = event.type === "message" ? pick(ACTS, record(event.message).type) : null;
  if (make) return { ...place, ...(await make(event.message, model)) };
  const act = pick(DEEDS, event.type)?.(event, place, model) ?? raw(event);
  return typeof act === "function" ? act : { ...place, ...act };
}

/** What is no message: as the person would do it, or null where the bare event says it as well. */
const DEEDS = {
  follow: () => ({ follow: true }),
  postback: (event) => ({ postback: record(event.postback) }),
  unfollow:
    (_, { from }) =>
    () =>
      block(from),
  leave:
    (_, { in: group }) =>
    () =>
      leaveGroup(group, "bot"),
  join: (_, { in: name }, model) => (groupNamed(model, name)?.hasBot ? null : () => joinGroup(name, "bot")), // it is there: only the event comes again
};

/** The event itself, from the same source. */
function raw(event) {
  const mode = event.mode === "standby" ? { mode: "standby" } : {};
  const source = event.source ? { source: event.source } : {};
  return { event: { type: text(event.type), ...ownProperties(event), ...mode, ...source } };
}

const only = (message, names) =>
  Object.fromEntries(
    names.filter((name) => message[name] !== undefined).map((name) => [name, message[name]]),
  );

const ACTS = {
  text: ({ text: words, emojis, quotedMessageId, mention }, model) => ({
    text: words,
    ...(mention && { mentions: list(mention.mentionees).map((one) => mentionName(model, record(one))) }),
    ...(emojis && { emojis }),
    ...(quotedMessageId && { quote: quotedMessageId }),
  }),
  sticker: (message) => ({
    sticker: only(message, ["packageId", "stickerId", "stickerResourceType", "keywords", "text"]),
    ...(message.quotedMessageId && { quote: message.quotedMessageId }),
  }),
  location: (message) => ({ location: only(message, ["title", "address", "latitude", "longitude"]) }),
  image: (message) => media("image", message),
  video: (message) => media("video", message),
  audio: (message) => media("audio", message),
  file: (message) => media("file", message),
};

async function media(kind, message) {
  const { originalContentUrl: url, previewImageUrl: previewUrl } = record(message.contentProvider);
  const more = only(message, ["duration", "fileName", "imageSet"]);
  if (url) return { [kind]: { url, ...(previewUrl && { previewUrl }), ...more } };
  const bytes = await getMedia(message.id);
  return { [kind]: { data: await base64(bytes), contentType: bytes.type, ...more } };
}
