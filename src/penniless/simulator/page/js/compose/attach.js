// The "+" menu: files from the disk, the simulator's own samples, a place, and events that are no messages.

import { pickLocation } from "../ui/location.js";
import { popup } from "../ui/popup.js";
import { anyEvent } from "./anyevent.js";
import { beacon, linkAccount, membership } from "./events.js";
import { pickMedia } from "./files.js";
import { sampleMedia } from "./samples.js";

async function fromDisk(accept, sender) {
  for (const message of await pickMedia(accept)) await sender.say(message);
}

async function detailed(sender) {
  for (const message of await sampleMedia()) await sender.say(message);
}

async function place(sender) {
  const location = await pickLocation();
  if (location) await sender.say({ location });
}

export function attachMenu(button, { sender, model }) {
  const alone = model.selected?.kind === "person";
  popup({
    label: "Attach",
    at: button,
    items: [
      { label: "Photo or video …", icon: "upload", act: () => fromDisk("image/*,video/*", sender) },
      { label: "Sound …", icon: "audio", act: () => fromDisk("audio/*", sender) },
      { label: "File …", icon: "file", act: () => fromDisk("", sender) },
      { label: "Location …", icon: "pin", act: () => place(sender) },
      null,
      { label: "Sample photo", icon: "image", act: () => sender.say({ image: {} }) },
      { label: "Sample video", icon: "video", act: () => sender.say({ video: {} }) },
      { label: "Sample voice message", icon: "audio", act: () => sender.say({ audio: {} }) },
      { label: "Sample file", icon: "file", act: () => sender.say({ file: {} }) },
      { label: "Media with details …", icon: "gear", act: () => detailed(sender) },
      null,
      ...(alone ? eventItems(sender, model) : []),
      { label: "Any event …", icon: "code", act: () => anyEvent(sender, model) },
    ],
  });
}

function eventItems(sender, model) {
  const plans = model.world.channel.memberships ?? [];
  return [
    { label: "Beacon …", icon: "beacon", act: () => beacon(sender) },
    { label: "Link the account …", icon: "link", act: () => linkAccount(sender) },
    ...(plans.length ? [{ label: "Membership …", icon: "heart", act: () => membership(sender, plans) }] : []),
  ];
}
