// Coupons: what the simulator knows of the one with that id.

import { getCoupon } from "../api.js";
import { icon } from "../draw/icons.js";
import { h, put } from "../lib/dom.js";
import { mediaUrl, number, text } from "../lib/safe.js";
import { full } from "../lib/time.js";
import { picture } from "./media.js";

export function coupon(message, { model }) {
  const id = text(message.couponId);
  const words = h("span.coupon-words", {}, h("strong", {}, "Coupon"), h("small", {}, id));
  const element = h("div.bubble.coupon", {}, h("span.coupon-icon", {}, icon("coupon", 34)), words);
  if (id && "clockMoves" in model.world) {
    getCoupon(id).then(
      ({ coupon: found }) => found && fill(element, words, found),
      () => {}, // the id is all there is to show
    );
  }
  return element;
}

function fill(element, words, { title, imageUrl, endTimestamp, status }) {
  const url = mediaUrl(imageUrl);
  if (url) element.prepend(h("span.coupon-picture", {}, picture(url, "")));
  const until = number(endTimestamp, 0, 0) * 1000;
  put(
    words,
    h("strong", {}, text(title) || "Coupon"),
    until ? h("small", {}, `Until ${full(until)}`) : null,
    status === "RUNNING" ? null : h("small.coupon-over", {}, "Closed"),
  );
}
