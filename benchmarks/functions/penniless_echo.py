"""Our echo on Lambda, as `penniless new` writes it."""

from penniless import Bot
from penniless.aws import lambda_handler_for

bot = Bot()


@bot.text()
def echo(ctx):
    return ctx.text


lambda_handler = lambda_handler_for(bot)
