// What can be done with something on the wire: send it again, as a new act or as LINE's redelivery, or copy it.

import { getMedia, redeliver, sendMessage } from "../api.js";
import { copyText } from "../actions.js";
import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";
import { list, pick, record, text } from "../lib/safe.js";
import { groups, personWithId } from "../model.js";
import { toast } from "../ui/toast.js";
import { base64 } from "../compose/files.js";
import { asTest, mentionName, ownProperties } from "./astest.js";
import { callAsCurl, webhookAsCurl } from "./curl.js";

export function webhookButtons(item, model) {
  const events = list(record(item.body).events).map(record);
  if (!item.done) return null;
  return buttons([
    events.some((event) => actor(event, model))
      ? [
          "Send again",
          "reply",
          () => sendAgain(events, model),
          "The same once more: new ids, a new reply token",
        ]
      : null,
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

/** Who does it, and where; null for what nobody does, such as a join. */
function actor(event, model) {
  const { userId, groupId, roomId } = record(event.source);
  const group = groups(model).find((one) => one.id === (groupId ?? roomId));
  const person = personWithId(model, userId)?.name ?? group?.members[0];
  if (!person || pick(NOBODYS, event.type)) return null;
  return { from: person, ...(group && { in: group.name }) };
}

const NOBODYS = { join: true, leave: true, memberJoined: true, memberLeft: true, unfollow: true };

async function sendAgain(events, model) {
  for (const event of events) {
    const place = actor(event, model);
    if (place) await sendMessage({ ...place, ...(await actOf(event, model)) });
  }
}

/** An event as the act that caused it, for POST /sim/message. */
async function actOf(event, model) {
  if (event.type === "follow") return { follow: true };
  if (event.type === "postback") return { postback: record(event.postback) };
  const make = event.type === "message" ? pick(ACTS, record(event.message).type) : null;
  return make ? make(event.message, model) : { event: { type: text(event.type), ...ownProperties(event) } };
}

const ACTS = {
  text: ({ text: words, emojis, quotedMessageId, mention }, model) => ({
    text: words,
    ...(mention && { mentions: list(mention.mentionees).map((one) => mentionName(model, record(one))) }),
    ...(emojis && { emojis }),
    ...(quotedMessageId && { quote: quotedMessageId }),
  }),
  sticker: ({ packageId, stickerId }) => ({ sticker: { packageId, stickerId } }),
  location: ({ title, address, latitude, longitude }) => ({
    location: { title, address, latitude, longitude },
  }),
  image: (message) => media("image", message),
  video: (message) => media("video", message),
  audio: (message) => media("audio", message),
  file: (message) => media("file", message),
};

async function media(kind, { id, duration, fileName, contentProvider }) {
  const { originalContentUrl: url, previewImageUrl: previewUrl } = record(contentProvider);
  if (url) return { [kind]: { url, previewUrl, ...(duration && { duration }) } };
  const bytes = await getMedia(id);
  const named = { ...(duration && { duration }), ...(fileName && { fileName }) };
  return { [kind]: { data: await base64(bytes), contentType: bytes.type, ...named } };
}
