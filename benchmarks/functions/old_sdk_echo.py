"""The stack of most tutorials: the SDK's first API, and a boto3 resource for each log call."""

import os

import boto3
from linebot import LineBotApi, WebhookHandler
from linebot.exceptions import InvalidSignatureError
from linebot.models import MessageEvent, TextMessage, TextSendMessage

api = LineBotApi(
    os.environ["LINE_CHANNEL_ACCESS_TOKEN"],
    os.environ["LINE_API_ORIGIN"],
    os.environ["LINE_API_ORIGIN"],
)
handler = WebhookHandler(os.environ["LINE_CHANNEL_SECRET"])


def log(sender, to, message, event):
    table = boto3.resource("dynamodb").Table(os.environ["PENNILESS_TABLE"])
    table.put_item(Item={"pk": sender, "sk": str(event.timestamp), "to": to, "message": message})


def lambda_handler(event, _context):
    try:
        handler.handle(event["body"], event["headers"]["x-line-signature"])
    except InvalidSignatureError:
        return {"statusCode": 401, "body": ""}
    return {"statusCode": 200, "body": "OK"}


@handler.add(MessageEvent, message=TextMessage)
def echo(event):
    log(event.source.user_id, "self", event.message.text, event)
    api.reply_message(event.reply_token, TextSendMessage(text=event.message.text))
    log("self", event.source.user_id, event.message.text, event)
