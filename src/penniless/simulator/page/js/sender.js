// Everything the person at the page does to the world, in that person's name. Errors become a toast, not an exception.

import * as api from "./api.js";
import { putEntry } from "./model.js";
import { toast } from "./ui/toast.js";

const FAILURES = {
  could_not_connect: "The bot could not be reached",
  request_timeout: "The bot did not answer within 2 seconds",
  error_status_code: "The bot answered with an error",
  unclassified: "The webhook failed",
  off: "Webhooks are switched off",
  suspended: "LINE has stopped sending to this bot",
};

function warn(webhook) {
  if (!webhook || !webhook.reason || webhook.reason === "ok") return;
  const why = FAILURES[webhook.reason] ?? webhook.reason;
  toast(`${why}${webhook.detail ? ` (${webhook.detail})` : ""}`, { bad: true });
}

/** `say(message)` sends as the selected person into the selected chat; resolves to true if the simulator took it. */
export function createSender(model) {
  /** The same as `say`, but what is refused is thrown. */
  async function dispatch(message) {
    const { selected } = model;
    const place = selected.kind === "group" ? { in: selected.name } : {};
    const answer = await api.sendMessage({ from: selected.me, ...place, ...message });
    if (answer.message) putEntry(model, answer.message);
    warn(answer.webhook);
  }
  const say = async (message) => Boolean(model.selected) && attempt(() => dispatch(message));
  const act = (call) => attempt(async () => warn((await call()).webhook));
  return {
    say,
    dispatch,
    block: (name) => act(() => api.block(name)),
    unblock: (name) => act(() => api.unblock(name)),
    join: (group, name) => act(() => api.joinGroup(group, name)),
    leave: (group, name) => act(() => api.leaveGroup(group, name)),
  };
}

async function attempt(act) {
  try {
    await act();
    return true;
  } catch (error) {
    toast(error.message, { bad: true });
    return false;
  }
}
