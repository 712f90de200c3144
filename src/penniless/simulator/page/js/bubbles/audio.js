// Voice messages: play and pause, a bar, the time.

import { icon } from "../draw/icons.js";
import { css, h, put } from "../lib/dom.js";
import { number } from "../lib/safe.js";
import { span } from "../lib/time.js";
import { addresses } from "./media.js";

const WAVE = [5, 9, 14, 8, 17, 12, 20, 10, 15, 7, 12, 18, 9, 13, 6, 10, 15, 8, 5];

export function audio(message, { entry }) {
  const { original } = addresses(message);
  const length = number(message.duration, 0, 0);
  const label = `Voice message from ${entry.name}`;
  const time = h("span.audio-time", {}, span(length));
  const wave = h(
    "span.wave",
    { "aria-hidden": "true" },
    WAVE.map((height) => css(h("i"), { height: `${height}px` })),
  );
  const button = h(
    "button.bubble.audio",
    { type: "button", "aria-label": `${label}, ${span(length)}: play`, disabled: !original },
    h("span.audio-play", {}, icon("play", 22)),
    wave,
    time,
  );
  if (original) wire(button, { url: original, label, length, wave, time });
  return button;
}

function wire(button, { url, label, length, wave, time }) {
  const player = new Audio();
  player.preload = length ? "none" : "metadata";
  player.src = url;
  const total = () =>
    Number.isFinite(player.duration) && player.duration > 0 ? player.duration * 1000 : length;
  const show = () => {
    put(button.firstChild, icon(player.paused ? "play" : "pause", 22));
    button.setAttribute("aria-label", `${label}, ${span(total())}: ${player.paused ? "play" : "pause"}`);
  };
  button.addEventListener("click", () => (player.paused ? player.play().catch(() => {}) : player.pause()));
  for (const name of ["play", "pause", "ended"]) player.addEventListener(name, show);
  player.addEventListener("loadedmetadata", () => {
    time.textContent = span(total());
    show();
  });
  player.addEventListener("error", () => button.classList.add("failed"));
  player.addEventListener("timeupdate", () => {
    css(wave, { "--played": `${total() ? (player.currentTime * 100_000) / total() : 0}%` });
    time.textContent = span(player.paused && player.ended ? total() : player.currentTime * 1000 || total());
  });
}
