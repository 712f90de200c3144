// Files from the disk, as messages for POST /sim/message: base64, and the duration of sound and video.

import { h } from "../lib/dom.js";
import { toast } from "../ui/toast.js";

const LARGEST = 25 * 1024 * 1024;
const KINDS = ["image", "video", "audio"];

export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

/** Milliseconds, or undefined where the browser cannot tell. */
function durationOf(file, kind) {
  return new Promise((resolve) => {
    const player = document.createElement(kind);
    const address = URL.createObjectURL(file);
    const done = () => {
      URL.revokeObjectURL(address);
      resolve(Number.isFinite(player.duration) ? Math.round(player.duration * 1000) : undefined);
    };
    player.addEventListener("loadedmetadata", done);
    player.addEventListener("error", done);
    player.preload = "metadata";
    player.src = address;
  });
}

/** `{image: {data, contentType, fileName}}` and so on; whatever is no picture, film or sound goes as a file. */
async function asMessage(file) {
  const kind = KINDS.find((one) => file.type.startsWith(`${one}/`)) ?? "file";
  const timed = kind === "video" || kind === "audio";
  const duration = timed ? await durationOf(file, kind) : undefined;
  return {
    [kind]: {
      data: await base64(file),
      contentType: file.type || "application/octet-stream",
      fileName: file.name || kind,
      ...(duration && { duration }),
    },
  };
}

/** Turns files into messages, leaving out those that are too large (and saying so). */
export async function asMessages(files) {
  const found = [];
  for (const file of files) {
    if (file.size > LARGEST) toast(`“${file.name}” is larger than 25 MB.`, { bad: true });
    else found.push(await asMessage(file));
  }
  return asSet(found);
}

/** Pictures sent together carry the number of each: https://developers.line.biz/en/reference/messaging-api/#wh-image */
export function asSet(messages) {
  const images = messages.filter((one) => one.image);
  if (images.length < 2) return messages;
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  images.forEach(({ image }, index) => {
    image.imageSet = { id: id.join("").toUpperCase(), index: index + 1, total: images.length };
  });
  return messages;
}

/** Opens the file chooser; resolves to messages, an empty list if cancelled. */
export function pickMedia(accept, { camera = false } = {}) {
  return new Promise((resolve) => {
    const input = h("input.unseen", {
      type: "file",
      accept,
      multiple: !camera,
      capture: camera ? "environment" : null,
      tabindex: -1,
      "aria-hidden": "true",
      data: { picker: accept },
    });
    const end = (messages) => {
      input.remove();
      resolve(messages);
    };
    input.addEventListener("change", async () => end(await asMessages([...input.files])));
    input.addEventListener("cancel", () => end([]));
    document.body.append(input);
    input.click();
  });
}
