// The four template messages. https://developers.line.biz/en/reference/messaging-api/#template-messages

import { css, h, tappable } from "../lib/dom.js";
import { color, list, mediaUrl, pick, record, text } from "../lib/safe.js";
import { guessLanguage } from "../lib/text.js";
import { picture } from "./media.js";
import { strip } from "./strip.js";
import { unknown } from "./unknown.js";

const TEMPLATES = { buttons, confirm, carousel, image_carousel: imageCarousel };

export function template(message, context) {
  const given = record(message.template);
  const draw = pick(TEMPLATES, given.type);
  if (!draw) return unknown(message);
  const element = draw(given, context);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", text(message.altText));
  return element;
}

const labelOf = (action) => text(action.label) || text(action.text) || text(action.uri) || text(action.type);

function actionButton(action, { perform }) {
  const given = record(action);
  return h(
    "button.template-action",
    { type: "button", lang: guessLanguage(labelOf(given)), on: { click: () => perform(given) } },
    labelOf(given),
  );
}

function thumbnail(url, { imageAspectRatio, imageSize, imageBackgroundColor }) {
  if (!url) return null;
  const box = h(
    "div.thumb",
    {
      class: `${imageAspectRatio === "square" ? "square" : "rectangle"} ${imageSize === "contain" ? "contain" : "cover"}`,
    },
    picture(mediaUrl(url), ""),
  );
  return css(box, { "background-color": color(imageBackgroundColor) });
}

/** Picture, title and text; one tap target if there is a default action. */
function card(given, style, context) {
  const head = h(
    "div.template-head",
    {},
    thumbnail(given.thumbnailImageUrl, style),
    h(
      "div.template-words",
      {},
      given.title ? h("strong", {}, text(given.title)) : null,
      h("p", {}, text(given.text)),
    ),
  );
  const action = given.defaultAction ? record(given.defaultAction) : null;
  return action ? tappable(head, labelOf(action), () => context.perform(action)) : head;
}

function buttons(given, context) {
  return h(
    "div.bubble.template",
    {},
    card(given, given, context),
    h(
      "div.template-actions",
      {},
      list(given.actions).map((action) => actionButton(action, context)),
    ),
  );
}

function confirm(given, context) {
  return h(
    "div.bubble.template",
    {},
    h("div.template-words.confirm", {}, h("p", {}, text(given.text))),
    h(
      "div.template-actions.side-by-side",
      {},
      list(given.actions).map((action) => actionButton(action, context)),
    ),
  );
}

function carousel(given, context) {
  const columns = list(given.columns)
    .map(record)
    .map((column) =>
      h(
        "div.bubble.template.column",
        {},
        card(column, { ...given, imageBackgroundColor: column.imageBackgroundColor }, context),
        h(
          "div.template-actions",
          {},
          list(column.actions).map((action) => actionButton(action, context)),
        ),
      ),
    );
  return strip(columns);
}

function imageCarousel(given, context) {
  const columns = list(given.columns)
    .map(record)
    .map((column) => {
      const action = record(column.action);
      return h(
        "button.image-column",
        { type: "button", "aria-label": labelOf(action), on: { click: () => context.perform(action) } },
        picture(mediaUrl(column.imageUrl), ""),
        text(action.label) ? h("span", { lang: guessLanguage(action.label) }, text(action.label)) : null,
      );
    });
  return strip(columns);
}
