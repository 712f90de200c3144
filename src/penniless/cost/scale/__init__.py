"""Past one machine: how many environments, which limit is hit first, and what to change."""
