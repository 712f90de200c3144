// Where LINE sends events, whether it does, and what it does where that fails.
// https://developers.line.biz/en/docs/messaging-api/building-bot/ https://developers.line.biz/en/docs/messaging-api/verify-webhook-url/

import { setChannel, verifyWebhook } from "../api.js";
import { h, put } from "../lib/dom.js";
import { field } from "../ui/dialog.js";
import { about, apply, edited, section, toggle } from "./form.js";

const SECONDS = "\\s*\\d+(\\.\\d+)?(\\s*,\\s*\\d+(\\.\\d+)?)*\\s*";

export function webhookPart() {
  const address = h("input", {
    type: "url",
    placeholder: "http://127.0.0.1:3000/callback",
    spellcheck: "false",
  });
  const use = toggle("Use webhook", "Off: LINE sends the bot no events", (useWebhook) =>
    setChannel({ useWebhook }),
  );
  const url = edited(address, (value) => setChannel({ webhook: value || null }));
  const again = toggle("Webhook redelivery", "A webhook that fails goes out again", (redelivery) =>
    setChannel({ redelivery }),
  );
  const schedule = edited(
    h("input", {
      type: "text",
      required: true,
      pattern: SECONDS,
      inputmode: "decimal",
      title: "Seconds are needed, with commas between: 5, 20, 60",
    }),
    (value) => setChannel({ redeliverySchedule: value.split(",").map(Number) }),
  );
  const verify = createVerify();
  const element = section(
    "Webhook",
    about("Where LINE sends what people do. A change counts for the next event."),
    use.element,
    field("Webhook URL", address),
    verify.element,
    again.element,
    field("Seconds from each failure to the next try", schedule.input, "With commas between."),
  );
  return {
    element,
    show({ webhook, useWebhook, redelivery, redeliverySchedule }) {
      use.input.checked = useWebhook !== false;
      verify.button.disabled = !webhook;
      url.set(webhook ?? "");
      again.input.checked = Boolean(redelivery);
      schedule.set((redeliverySchedule ?? []).join(", "));
    },
  };
}

/** The console's button: a signed webhook without events, and what the bot answered. */
function createVerify() {
  const result = h("span.verified", { role: "status" });
  const button = h("button.button.small", { type: "button", on: { click: verify } }, "Verify");

  async function verify() {
    put(result, "…");
    result.classList.remove("good", "bad");
    await apply(async () => {
      const { success, reason, detail } = await verifyWebhook();
      result.classList.add(success ? "good" : "bad");
      put(result, success ? "Success" : [reason.toLowerCase(), detail].filter(Boolean).join(": "));
    });
    if (result.textContent === "…") put(result);
  }
  return { button, element: h("div.verify", {}, button, result) };
}
