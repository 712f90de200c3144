"""How long ago this process was started, which is when Lambda's init phase began.

Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""

from __future__ import annotations

import os
import time

_START_TIME = 22 - 3
"""The field `starttime`, counted from the first one after the name in brackets."""


def process_age(stat: str = "/proc/self/stat") -> float:
    """Seconds since the process began; 0.0 on a system that does not tell."""
    try:
        with open(stat, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        started = int(fields[_START_TIME]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started)
    except (OSError, AttributeError, IndexError, ValueError):
        return 0.0
