"""One cold start: import the bot named first, answer the webhook on standard input, print figures.

Nothing is imported before the clock starts but what an interpreter has loaded anyway.
"""

import sys
import time

begin = time.process_time()
body = sys.stdin.buffer.read()
bot = __import__(f"benchmarks.bots.{sys.argv[1]}", fromlist=["handle"])
status = bot.handle(body, sys.argv[2])
cpu = (time.process_time() - begin) * 1000

import json  # noqa: E402
import resource  # noqa: E402

if status != 200:
    sys.exit(f"{sys.argv[1]} answered {status}")
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
json.dump({"cpu": cpu, "memory": memory}, sys.stdout)
