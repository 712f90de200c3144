// The three dots of the loading animation: shown until the bot's message comes or the time is over.

import { avatar } from "../draw/avatar.js";
import { h } from "../lib/dom.js";

export function createLoading(listBox, { model, onShow }) {
  let timer = 0;
  let row = null;

  function draw() {
    clearTimeout(timer);
    row?.remove();
    row = null;
    const left = (model.loading.get(model.selected?.chat) ?? 0) - Date.now();
    if (left <= 0) return;
    const { channel } = model.world;
    row = h(
      "div.row.theirs",
      {},
      avatar({ name: channel.name, url: channel.pictureUrl, ground: "#12324f", size: 36 }),
      h(
        "div.dots",
        { role: "img", "aria-label": `${channel.name} is preparing an answer` },
        h("i"),
        h("i"),
        h("i"),
      ),
    );
    listBox.append(row);
    onShow();
    timer = setTimeout(draw, left + 20);
  }
  model.on("loading", draw);
  return { draw };
}
