// Locations: a drawn map with title and address. No map tiles are fetched; the link opens OpenStreetMap when asked to.

import { drawnMap } from "../draw/map.js";
import { h } from "../lib/dom.js";
import { number, text } from "../lib/safe.js";

export function location(message) {
  const latitude = number(message.latitude, 0, -90, 90);
  const longitude = number(message.longitude, 0, -180, 180);
  const title = text(message.title) || "Location";
  const place = new URLSearchParams({ mlat: latitude, mlon: longitude });
  return h(
    "a.bubble.location",
    {
      href: `https://www.openstreetmap.org/?${place}#map=16/${latitude}/${longitude}`,
      target: "_blank",
      rel: "noopener noreferrer",
    },
    drawnMap(latitude, longitude),
    h(
      "span.place",
      {},
      h("strong", {}, title),
      message.address ? h("span", {}, text(message.address)) : null,
      h("small", {}, `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`),
      h("span.unseen", {}, "Opens a map in a new tab"),
    ),
  );
}
