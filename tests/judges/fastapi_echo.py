"""An echo bot on FastAPI, as the official SDK's documentation writes it. It knows no Penniless."""

import os

import uvicorn
from fastapi import FastAPI, HTTPException, Request  # type: ignore[import-not-found,unused-ignore]
from linebot.v3 import WebhookParser
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import (
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    ReplyMessageRequest,
    TextMessage,
)
from linebot.v3.webhooks import FollowEvent, MessageEvent, TextMessageContent

app = FastAPI()
configuration = Configuration(
    access_token=os.environ["LINE_CHANNEL_ACCESS_TOKEN"], host=os.environ["LINE_API_ORIGIN"]
)
parser = WebhookParser(os.environ["LINE_CHANNEL_SECRET"])


@app.post("/callback")  # type: ignore[untyped-decorator,unused-ignore]
async def callback(request: Request) -> str:
    signature = request.headers["X-Line-Signature"]
    body = (await request.body()).decode()
    try:
        events = parser.parse(body, signature)
    except InvalidSignatureError:
        raise HTTPException(status_code=400, detail="Invalid signature") from None

    async with AsyncApiClient(configuration) as client:
        api = AsyncMessagingApi(client)
        for event in events:
            if isinstance(event, FollowEvent):
                profile = await api.get_profile(event.source.user_id)
                text = f"Hello {profile.display_name}"
            elif isinstance(event, MessageEvent) and isinstance(event.message, TextMessageContent):
                text = event.message.text
            else:
                continue
            await api.reply_message(
                ReplyMessageRequest(
                    reply_token=event.reply_token, messages=[TextMessage(text=text)]
                )
            )
    return "OK"


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
