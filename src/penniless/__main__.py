"""`python -m penniless` is the `penniless` command."""

from penniless.cli import main

main()
