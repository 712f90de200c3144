"""Our echo with a handler that takes as long as BENCHMARK_HANDLER says, in seconds."""

import os
import time

from penniless import Bot

SECONDS = float(os.environ.get("BENCHMARK_HANDLER", "0"))

bot = Bot()


@bot.text(slow=SECONDS > 1)
def echo(ctx):
    time.sleep(SECONDS)
    return ctx.text
