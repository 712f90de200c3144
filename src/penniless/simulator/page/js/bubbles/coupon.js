// Coupons: the page knows the id only, so it shows that.

import { icon } from "../draw/icons.js";
import { h } from "../lib/dom.js";
import { text } from "../lib/safe.js";

export function coupon(message) {
  return h(
    "div.bubble.coupon",
    {},
    h("span.coupon-icon", {}, icon("coupon", 34)),
    h("span.coupon-words", {}, h("strong", {}, "Coupon"), h("small", {}, text(message.couponId))),
  );
}
