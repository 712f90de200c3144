// An echo bot as the official SDK's documentation writes it, on node:http. It knows no Penniless.
import { createServer } from "node:http";
import { messagingApi, middleware } from "@line/bot-sdk";

const client = new messagingApi.MessagingApiClient({
  channelAccessToken: process.env.LINE_CHANNEL_ACCESS_TOKEN,
  baseURL: process.env.LINE_API_ORIGIN,
});
const checked = middleware({ channelSecret: process.env.LINE_CHANNEL_SECRET });

async function handle(event) {
  if (event.type === "follow") {
    const profile = await client.getProfile(event.source.userId);
    await say(event, `Hello ${profile.displayName}`);
  } else if (event.type === "message" && event.message.type === "text") {
    await say(event, event.message.text);
  }
}

const say = (event, text) =>
  client.replyMessage({ replyToken: event.replyToken, messages: [{ type: "text", text }] });

createServer((request, response) => {
  checked(request, response, async (error) => {
    if (error) {
      response.writeHead(401).end();
      return;
    }
    await Promise.all(request.body.events.map(handle));
    response.end();
  });
}).listen(Number(process.env.PORT), "127.0.0.1");
