"""A bot that measures rounds: reads `webhooks events` lines, prints CPU microseconds an event."""

import importlib
import json
import resource
import sys
import time

from benchmarks import work

bot = importlib.import_module(f"benchmarks.bots.{sys.argv[1]}")
made = 0
for line in sys.stdin:
    webhooks, events = map(int, line.split())
    batch = [work.webhook(made + i, events) for i in range(webhooks)]
    made += webhooks
    begin = time.process_time()
    statuses = {bot.handle(body, signature) for body, signature in batch}
    cpu = (time.process_time() - begin) * 1e6 / (webhooks * events)
    if statuses != {200}:
        sys.exit(f"{sys.argv[1]} answered {statuses}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu, "memory": memory}), flush=True)
