from penniless import Bot
from penniless.aws import lambda_handler_for

bot = Bot()


@bot.text()
def echo(ctx):
    return ctx.text


lambda_handler = lambda_handler_for(bot)
