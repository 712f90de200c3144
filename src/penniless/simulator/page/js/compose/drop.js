// Files dropped on the chat, or pasted into the composer.

import { byId } from "../lib/dom.js";
import { asMessages } from "./files.js";

const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** A file that misses its place must not take the place of the page. */
const keepPage = (event) => holdsFiles(event) && event.preventDefault();

export function acceptDrops({ area, sender }) {
  const talk = byId("talk");
  const sendAll = async (files) => {
    for (const message of await asMessages([...files])) await sender.say(message);
  };
  talk.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    talk.classList.add("dropping");
  });
  addEventListener("dragover", keepPage);
  addEventListener("drop", keepPage);
  talk.addEventListener(
    "dragleave",
    (event) => !talk.contains(event.relatedTarget) && talk.classList.remove("dropping"),
  );
  talk.addEventListener("drop", (event) => {
    talk.classList.remove("dropping");
    if (!holdsFiles(event)) return;
    event.preventDefault();
    sendAll(event.dataTransfer.files);
  });
  area.addEventListener("paste", (event) => {
    const { files } = event.clipboardData ?? { files: [] };
    if (!files.length) return;
    event.preventDefault();
    sendAll(files);
  });
}
