"""Our echo on Lambda, declared slow: it registers an extension in the init phase."""

from penniless import Bot
from penniless.aws import lambda_handler_for

bot = Bot()


@bot.text(slow=True)
def echo(ctx):
    return ctx.text


lambda_handler = lambda_handler_for(bot)
