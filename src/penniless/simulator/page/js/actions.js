// What a tap does: the action objects of LINE, one small function each.
// https://developers.line.biz/en/reference/messaging-api/#action-objects

import { linkUrl, pick, record, text } from "./lib/safe.js";
import { pickMedia } from "./compose/files.js";
import { pickDate } from "./ui/datepicker.js";
import { pickLocation } from "./ui/location.js";
import { toast } from "./ui/toast.js";

const OTHER_SCHEMES = /^(line|tel|mailto|sms):/i;
const onDesktop = () => matchMedia("(hover: hover) and (min-width: 760px)").matches;

/** `perform(action)` resolves to true if something was sent, which is what makes quick replies vanish. */
export function createActions({ sender, compose, menu }) {
  const context = { sender, compose, menu };
  return {
    async perform(action) {
      const given = record(action);
      const act = pick(ACTIONS, given.type);
      if (act) return Boolean(await act(given, context));
      toast(`This page does not know the action “${text(given.type)}”.`);
      return false;
    },
  };
}

const ACTIONS = {
  message: (action, { sender }) => sender.say({ text: text(action.text) }),
  postback,
  uri: openUri,
  datetimepicker: chooseDate,
  clipboard: (action) => copyText(action.clipboardText),
  camera: (_, { sender }) => sendPicture(sender, { camera: true }),
  cameraRoll: (_, { sender }) => sendPicture(sender, {}),
  location: sendLocation,
  richmenuswitch: ({ richMenuAliasId, data }, { sender }) =>
    sender.say({ richMenuSwitch: { richMenuAliasId: text(richMenuAliasId), data: text(data) } }),
};

async function postback(action, { sender, compose, menu }) {
  const shown = text(action.displayText);
  const sent = await sender.say({
    postback: { data: text(action.data), ...(shown && { displayText: shown }) },
  });
  if (sent && action.text) await sender.say({ text: text(action.text) }); // the old property: it sends a message too
  pick(INPUTS, action.inputOption)?.(action, { compose, menu });
  return sent;
}

const INPUTS = {
  closeRichMenu: (_, { menu }) => menu.show(false),
  openRichMenu: (_, { menu }) => menu.show(true),
  openKeyboard({ fillInText }, { compose, menu }) {
    menu.show(false);
    compose.fillIn(text(fillInText));
  },
  openVoice: () => toast("A phone would open voice input here."),
};

/** The page where LINE sends people back to after a login elsewhere: there the account is linked. */
const LINKS = "https://access.line.me/dialog/bot/accountLink?";

function linkAccount(address, { sender }) {
  const query = new URL(address).searchParams;
  const accountLink = { linkToken: query.get("linkToken") ?? "", nonce: query.get("nonce") ?? "" };
  return sender.say({ accountLink });
}

function openUri(action, { sender }) {
  const desktop = text(record(action.altUri).desktop);
  const address = desktop && onDesktop() ? desktop : text(action.uri);
  if (address.startsWith(LINKS)) return linkAccount(address, { sender });
  const url = linkUrl(address);
  if (url) window.open(url, "_blank", "noopener,noreferrer");
  else if (OTHER_SCHEMES.test(address)) toast(`A phone would open ${address}`);
  else toast(`This address cannot be opened: ${address}`, { bad: true });
  return false;
}

async function chooseDate(action, { sender }) {
  const params = await pickDate(action);
  return params ? sender.say({ postback: { data: text(action.data), params } }) : false;
}

async function sendPicture(sender, { camera }) {
  const files = await pickMedia("image/*", { camera });
  for (const file of files) await sender.say(file);
  return files.length > 0;
}

async function sendLocation(_, { sender }) {
  const place = await pickLocation();
  return place ? sender.say({ location: place }) : false;
}

/** Copies, and says so; false, because nothing is sent. */
export async function copyText(value) {
  try {
    await navigator.clipboard.writeText(text(value));
    toast("Copied");
  } catch {
    toast("The browser did not allow copying.", { bad: true });
  }
  return false;
}
