"""The floor on Lambda: the standard library alone; one reply and two writes, connections kept."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
import time
from urllib.parse import urlsplit

SECRET = os.environ["LINE_CHANNEL_SECRET"].encode()
HEADERS = {
    "Content-Type": "application/json",
    "Authorization": f"Bearer {os.environ['LINE_CHANNEL_ACCESS_TOKEN']}",
}
TABLE = os.environ["PENNILESS_TABLE"]
REGION = os.environ["AWS_REGION"]


TLS = ssl.create_default_context()  # one for both: it takes 20 ms


def connection_to(origin):
    connection = http.client.HTTPSConnection(urlsplit(origin).netloc, context=TLS)
    connection.connect()
    return connection


line = connection_to(os.environ["LINE_API_ORIGIN"])
dynamodb = connection_to(os.environ["AWS_ENDPOINT_URL"])


def lambda_handler(event, _context):
    body = event["body"].encode()
    digest = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(digest, event["headers"]["x-line-signature"]):
        return {"statusCode": 401, "body": ""}
    for one in json.loads(body)["events"]:
        key = {"pk": {"S": one["source"]["userId"]}, "sk": {"S": one["webhookEventId"]}}
        write({**key, "message": {"S": one["message"]["text"]}, "status": {"S": "claimed"}})
        answer = {"type": "text", "text": one["message"]["text"]}
        payload = json.dumps({"replyToken": one["replyToken"], "messages": [answer]})
        post(line, "/v2/bot/message/reply", payload, HEADERS)
        write({**key, "message": {"S": one["message"]["text"]}, "status": {"S": "done"}})
    return {"statusCode": 200, "body": "OK"}


def post(connection, path, payload, headers):
    connection.request("POST", path, payload, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(answer)


def write(item):
    payload = json.dumps({"TableName": TABLE, "Item": item})
    post(dynamodb, "/", payload, signed(payload, dynamodb.host))


def signed(payload, host):
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{moment[:8]}/{REGION}/dynamodb/aws4_request"
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "host": host,
        "x-amz-date": moment,
        "x-amz-target": "DynamoDB_20120810.PutItem",
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    hashed = hashlib.sha256(payload.encode()).hexdigest()
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashed}"
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    who = os.environ["AWS_ACCESS_KEY_ID"]
    return {
        **headers,
        "authorization": f"AWS4-HMAC-SHA256 Credential={who}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}",
    }
