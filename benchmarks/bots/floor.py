"""The floor: an echo of the standard library alone, without models, log, limits or routing."""

import base64
import hashlib
import hmac
import http.client
import json
import os
from urllib.parse import urlsplit

SECRET = os.environ["LINE_CHANNEL_SECRET"].encode()
TOKEN = os.environ["LINE_CHANNEL_ACCESS_TOKEN"]
HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}

connection = http.client.HTTPConnection(urlsplit(os.environ["LINE_API_ORIGIN"]).netloc)


def handle(body: bytes, signature: str) -> int:
    digest = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(digest, signature):
        return 401
    for event in json.loads(body)["events"]:
        if event["type"] == "message" and event["message"]["type"] == "text":
            reply(event["replyToken"], event["message"]["text"])
    return 200


def reply(token: str, text: str) -> None:
    body = json.dumps({"replyToken": token, "messages": [{"type": "text", "text": text}]})
    connection.request("POST", "/v2/bot/message/reply", body, HEADERS)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(answer)
