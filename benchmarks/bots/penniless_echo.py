"""Our echo, as the README has it, with the log in memory."""

from penniless import Bot

bot = Bot()


@bot.text()
def echo(ctx):
    return ctx.text


def handle(body: bytes, signature: str) -> int:
    return bot.handle(body, signature).status
