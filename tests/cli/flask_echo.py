"""An echo bot as the official SDK's documentation writes it, with Flask. It knows no Penniless.

python flask_echo.py PORT
"""

import os
import sys

from flask import Flask, abort, request
from linebot.v3 import WebhookHandler
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    MessagingApi,
    ReplyMessageRequest,
    TextMessage,
)
from linebot.v3.webhooks import FollowEvent, MessageEvent, TextMessageContent

app = Flask(__name__)
configuration = Configuration(
    access_token=os.environ["LINE_CHANNEL_ACCESS_TOKEN"], host=os.environ["LINE_API_ORIGIN"]
)
handler = WebhookHandler(os.environ["LINE_CHANNEL_SECRET"])


@app.route("/callback", methods=["POST"])  # type: ignore[untyped-decorator]
def callback() -> str:
    signature = request.headers["X-Line-Signature"]
    try:
        handler.handle(request.get_data(as_text=True), signature)
    except InvalidSignatureError:
        abort(400)
    return "OK"


@handler.add(MessageEvent, message=TextMessageContent)
def handle_message(event):  # type: ignore[no-untyped-def]
    reply(event.reply_token, event.message.text)


@handler.add(FollowEvent)
def handle_follow(event):  # type: ignore[no-untyped-def]
    with ApiClient(configuration) as api_client:
        profile = MessagingApi(api_client).get_profile(event.source.user_id)
    reply(event.reply_token, f"Hello {profile.display_name}")


def reply(token: str, text: str) -> None:
    with ApiClient(configuration) as api_client:
        MessagingApi(api_client).reply_message_with_http_info(
            ReplyMessageRequest(reply_token=token, messages=[TextMessage(text=text)])
        )


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]))
