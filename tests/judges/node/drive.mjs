// Calls the Messaging API with the official SDK's clients, as a bot would, and prints what came of
// it as one JSON object. Webhooks go to a server of its own, where the SDK's middleware checks them.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { messagingApi, middleware, validateSignature } from "@line/bot-sdk";

const { LINE_API_ORIGIN: baseURL, LINE_CHANNEL_SECRET: channelSecret } = process.env;
const settings = { channelAccessToken: process.env.LINE_CHANNEL_ACCESS_TOKEN, baseURL };
const api = new messagingApi.MessagingApiClient(settings);
const blob = new messagingApi.MessagingApiBlobClient(settings);
const checked = middleware({ channelSecret });

const server = createServer((request, response) => {
  checked(request, response, (error) => {
    response.writeHead(error ? 401 : 200).end(error ? error.constructor.name : "");
  });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const webhook = `http://127.0.0.1:${server.address().port}/`;

async function sim(path, body) {
  const options = body && { method: "POST", body: JSON.stringify(body) };
  return (await fetch(`${baseURL}/sim/${path}`, options)).json();
}
const act = (what) => sim("message", { from: "alice", ...what });
const text = (words) => ({ type: "text", text: words });
const refused = async (call) => {
  try {
    await call();
  } catch (error) {
    return { status: error.status, body: JSON.parse(error.body) };
  }
};
const bytes = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

const seen = {};
try {
  await sim("channel", { webhook });
  const hello = (await act({ text: "สวัสดี 🍎" })).webhook;
  const event = hello.body.events[0];
  const user = event.source.userId;
  const signature = Object.entries(hello.headers).find(([name]) => /^x-line-sig/i.test(name))[1];
  seen.webhook = hello.status;
  seen.genuine = validateSignature(hello.raw, channelSecret, signature);
  seen.changed = validateSignature(`${hello.raw} `, channelSecret, signature);
  const forged = await fetch(webhook, {
    method: "POST",
    body: hello.raw,
    headers: { "x-line-signature": Buffer.alloc(32).toString("base64") },
  });
  seen.forged = [forged.status, await forged.text()];

  const reply = { replyToken: event.replyToken, messages: [text("こんにちは"), text("🍎")] };
  seen.reply = (await api.replyMessage(reply)).sentMessages.map((sent) => sent.id);
  seen.replyAgain = await refused(() => api.replyMessage(reply));
  const push = { to: user, messages: [text("你好")] };
  const key = "123e4567-e89b-12d3-a456-426614174000";
  seen.push = (await api.pushMessage(push, key)).sentMessages.map((sent) => sent.id);
  seen.pushAgain = await refused(() => api.pushMessage(push, key));
  seen.long = await refused(() => api.pushMessage({ to: user, messages: [text("a".repeat(5001))] }));
  seen.quota = await api.getMessageQuota();
  seen.used = (await api.getMessageQuotaConsumption()).totalUsage;
  seen.profile = await api.getProfile(user);
  seen.stranger = await refused(() => api.getProfile(`U${"0".repeat(32)}`));

  const photo = await readFile(process.argv[2]);
  const data = photo.toString("base64");
  const sent = (await act({ image: { data, contentType: "image/png" } })).message.id;
  seen.content = (await bytes(await blob.getMessageContent(sent))).equals(photo);

  const bounds = { x: 0, y: 0, width: 800, height: 250 };
  const { richMenuId } = await api.createRichMenu({
    size: { width: 800, height: 250 },
    selected: true,
    name: "menu",
    chatBarText: "เมนู",
    areas: [{ bounds, action: { type: "message", text: "menu" } }],
  });
  await blob.setRichMenuImage(richMenuId, new Blob([photo], { type: "image/png" }));
  await api.linkRichMenuIdToUser(user, richMenuId);
  seen.menuOfUser = (await api.getRichMenuIdOfUser(user)).richMenuId === richMenuId;
  seen.menuOfPerson = (await sim("people/alice")).richMenu;
  seen.menuId = richMenuId;
  seen.picture = (await bytes(await blob.getRichMenuImage(richMenuId))).equals(photo);
} finally {
  server.close();
}
console.log(JSON.stringify(seen));
