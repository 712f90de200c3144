// What kind of account it is, and its ids.

import { setChannel } from "../api.js";
import { h, put } from "../lib/dom.js";
import { about, section, toggle } from "./form.js";

const SWITCHES = {
  verified: ["Verified account", "Lists of friends and members are given out"],
  partner: ["Partner", "Has the contracts for messages by phone number"],
  module: ["Module channel", "May take chats over, and give them back"],
  privacy: ["Privacy", "LINE's minimum numbers of people hold, as in narrowcasts and statistics"],
};
const IDS = { "Channel id": "channelId", "Bot's user id": "userId", "Basic id": "basicId" };

export function accountPart() {
  const switches = Object.entries(SWITCHES).map(([name, [label, note]]) => [
    name,
    toggle(label, note, (on) => setChannel({ [name]: on })),
  ]);
  const ids = h("dl.ids", {});
  const element = section(
    "Account",
    about("All off, as for a new account."),
    switches.map(([, one]) => one.element),
    ids,
  );
  return {
    element,
    show(channel) {
      for (const [name, one] of switches) one.input.checked = channel[name] === true;
      put(
        ids,
        Object.entries(IDS).map(([label, name]) => [h("dt", {}, label), h("dd", {}, channel[name])]),
      );
    },
  };
}
