"""The echo of the official SDK's documentation."""

import os

from linebot.v3 import WebhookHandler
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    MessagingApi,
    ReplyMessageRequest,
    TextMessage,
)
from linebot.v3.webhooks import MessageEvent, TextMessageContent

handler = WebhookHandler(os.environ["LINE_CHANNEL_SECRET"])
configuration = Configuration(
    access_token=os.environ["LINE_CHANNEL_ACCESS_TOKEN"], host=os.environ["LINE_API_ORIGIN"]
)
api = MessagingApi(ApiClient(configuration))


@handler.add(MessageEvent, message=TextMessageContent)
def echo(event):
    api.reply_message(
        ReplyMessageRequest(
            reply_token=event.reply_token, messages=[TextMessage(text=event.message.text)]
        )
    )


def handle(body: bytes, signature: str) -> int:
    handler.handle(body.decode(), signature)
    return 200
