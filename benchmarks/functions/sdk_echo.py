"""The official SDK v3 and one boto3 client, made once, as their documentations advise."""

import os

import boto3
from linebot.v3 import WebhookHandler
from linebot.v3.exceptions import InvalidSignatureError
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
configuration.ssl_ca_cert = os.environ["SSL_CERT_FILE"]
api = MessagingApi(ApiClient(configuration))
dynamodb = boto3.client("dynamodb")
TABLE = os.environ["PENNILESS_TABLE"]


def lambda_handler(event, _context):
    try:
        handler.handle(event["body"], event["headers"]["x-line-signature"])
    except InvalidSignatureError:
        return {"statusCode": 401, "body": ""}
    return {"statusCode": 200, "body": "OK"}


@handler.add(MessageEvent, message=TextMessageContent)
def echo(event):
    key = {"pk": {"S": event.source.user_id}, "sk": {"S": event.webhook_event_id}}
    said = {"S": event.message.text}
    dynamodb.put_item(TableName=TABLE, Item={**key, "message": said, "status": {"S": "claimed"}})
    api.reply_message(
        ReplyMessageRequest(
            reply_token=event.reply_token, messages=[TextMessage(text=event.message.text)]
        )
    )
    dynamodb.put_item(TableName=TABLE, Item={**key, "message": said, "status": {"S": "done"}})
