"""An echo bot on aiohttp, as the official SDK's documentation writes it. It knows no Penniless."""

import os

from aiohttp import web
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


class Handler:
    def __init__(self, parser: WebhookParser, api: AsyncMessagingApi) -> None:
        self.parser = parser
        self.api = api

    async def echo(self, request: web.Request) -> web.Response:
        signature = request.headers["X-Line-Signature"]
        body = await request.text()
        try:
            events = self.parser.parse(body, signature)
        except InvalidSignatureError:
            return web.Response(status=400, text="Invalid signature")

        for event in events:
            if isinstance(event, FollowEvent):
                profile = await self.api.get_profile(event.source.user_id)
                await self.reply(event.reply_token, f"Hello {profile.display_name}")
            if isinstance(event, MessageEvent) and isinstance(event.message, TextMessageContent):
                await self.reply(event.reply_token, event.message.text)
        return web.Response(text="OK\n")

    async def reply(self, token: str, text: str) -> None:
        await self.api.reply_message(
            ReplyMessageRequest(reply_token=token, messages=[TextMessage(text=text)])
        )


async def application() -> web.Application:
    configuration = Configuration(
        access_token=os.environ["LINE_CHANNEL_ACCESS_TOKEN"], host=os.environ["LINE_API_ORIGIN"]
    )
    api = AsyncMessagingApi(AsyncApiClient(configuration))
    app = web.Application()
    handler = Handler(WebhookParser(os.environ["LINE_CHANNEL_SECRET"]), api)
    app.add_routes([web.post("/callback", handler.echo)])
    return app


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PORT"]))
