"""Our echo, which says at the end of its init phase how much CPU its process took until then."""

import time

from benchmarks.functions.penniless_echo import lambda_handler

__all__ = ["lambda_handler"]

print(f"INIT CPU {time.process_time_ns()} ns", flush=True)
