// The membership plans on offer: added, changed, taken away.
// https://developers.line.biz/en/reference/messaging-api/#get-membership-plans

import { setChannel } from "../api.js";
import { choices } from "../compose/events.js";
import { h, put } from "../lib/dom.js";
import { list, text } from "../lib/safe.js";
import { ask, field } from "../ui/dialog.js";
import { about, save, sayThatSaved, section, small } from "./form.js";

const MOST = 5;
const MOST_BENEFITS = 5;
const CURRENCIES = { JPY: "JPY", TWD: "TWD", THB: "THB" };
const FRESH = { title: "", description: "", benefits: [], price: 500, currency: "JPY", memberLimit: null };

export function offersPart() {
  let plans = [];
  const rows = h("ul.items", { "aria-label": "Membership plans" });
  const none = h("p.note", {}, "No plan is on offer.");
  const button = h("button.button.small", { type: "button", on: { click: add } }, "Add a plan …");
  const element = section(
    "Memberships",
    about("Plans that people pay for by the month, five at most. People join in the + menu of their chat."),
    none,
    rows,
    button,
  );
  const keep = (memberships) => setChannel({ memberships });

  async function add() {
    const membershipId = 1 + Math.max(0, ...plans.map((one) => one.membershipId));
    const taken = plans.map((one) => one.membershipId);
    if (await edit({ ...FRESH, membershipId }, taken, (plan) => keep([...plans, plan]))) sayThatSaved(button);
  }

  async function change(old) {
    const others = plans.filter((one) => one !== old).map((one) => one.membershipId);
    const replaced = (plan) => keep(plans.map((one) => (one === old ? { ...old, ...plan } : one)));
    if (await edit(old, others, replaced)) sayThatSaved(button);
  }

  const remove = (old) => save(element, () => keep(plans.filter((one) => one !== old)));
  return {
    element,
    show({ memberships }) {
      plans = list(memberships);
      none.hidden = plans.length > 0;
      button.disabled = plans.length >= MOST;
      put(
        rows,
        plans.map((one) =>
          row(
            one,
            () => change(one),
            () => remove(one),
          ),
        ),
      );
    },
  };
}

function row(plan, change, remove) {
  const price = `${plan.price.toLocaleString("en")} ${plan.currency} a month`;
  const notes = [price, `id ${plan.membershipId}`, plan.isPublished ? null : "not published"];
  return h(
    "li.item",
    {},
    h(
      "span.item-words",
      {},
      h("bdi", {}, text(plan.title)),
      h("small", {}, notes.filter(Boolean).join(" · ")),
    ),
    small("edit", `Change ${text(plan.title)}`, change),
    small("trash", `Remove ${text(plan.title)}`, remove),
  );
}

function inputs(plan) {
  const words = (value, props) => h("input", { type: "text", value, autocomplete: "off", ...props });
  const number = (value, props) => h("input", { type: "number", step: 1, value, ...props });
  const benefits = h("textarea", { rows: 3, required: true });
  benefits.value = plan.benefits.join("\n");
  const currency = choices(CURRENCIES);
  currency.value = plan.currency;
  return {
    title: words(plan.title, { required: true, autofocus: true }),
    description: words(plan.description),
    benefits,
    price: number(plan.price, { min: 0, step: "any", required: true }),
    currency,
    membershipId: number(plan.membershipId, { min: 1, required: true }),
    memberLimit: number(plan.memberLimit, { min: 1, placeholder: "none" }),
    isPublished: h("input", { type: "checkbox", checked: plan.isPublished !== false }),
    isInAppPurchase: h("input", { type: "checkbox", checked: plan.isInAppPurchase !== false }),
  };
}

const lines = (area) =>
  area.value
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);

const read = (form) => ({
  membershipId: Number(form.membershipId.value),
  title: form.title.value.trim(),
  description: form.description.value.trim(),
  benefits: lines(form.benefits),
  price: Number(form.price.value),
  currency: form.currency.value,
  memberLimit: form.memberLimit.value ? Number(form.memberLimit.value) : null,
  isPublished: form.isPublished.checked,
  isInAppPurchase: form.isInAppPurchase.checked,
});

function edit(plan, taken, act) {
  const form = inputs(plan);
  const { benefits, membershipId } = form;
  benefits.addEventListener("input", () => {
    const count = lines(benefits).length;
    benefits.setCustomValidity(count > MOST_BENEFITS ? `${MOST_BENEFITS} benefits at most.` : "");
  });
  membershipId.addEventListener("input", () => {
    membershipId.setCustomValidity(
      taken.includes(Number(membershipId.value)) ? "Another plan has this id." : "",
    );
  });
  return ask({
    title: "Membership plan",
    ok: "Save",
    content: [
      field("Title", form.title),
      field("Description", form.description),
      field("Benefits", benefits, "One a line, five at most."),
      h("div.field-row", {}, field("Price a month", form.price), field("Currency", form.currency)),
      h("div.field-row", {}, field("Id", membershipId), field("Most members", form.memberLimit)),
      h("label.check", {}, form.isPublished, "Published"),
      h("label.check", {}, form.isInAppPurchase, "Paid in the LINE app"),
    ],
    read: () => read(form),
    act,
  });
}
