# The habitual commands. `make` shows them.
.PHONY: help dev test fast lint format types wheel benchmark pictures ci

help:            ## show this
	@grep -E '^[a-z]+: ' Makefile | sed 's/:  *## /\t/'

dev:             ## talk to the echo bot in the chat page
	uv run penniless dev examples/echo/app.py

test:            ## all tests
	uv run pytest

fast:            ## the tests that need neither browser nor deployment
	uv run pytest -m "not browser and not slow and not deploy and not chaos"

lint:            ## lint, and whether the format is right
	uv run ruff check .
	uv run ruff format --check .

format:          ## mend the format and what lint can mend
	uv run ruff check --fix .
	uv run ruff format .

types:           ## strict types of src, tests and examples
	uv run mypy

wheel:           ## build the wheel and use it in empty environments
	.ci/wheel

benchmark:       ## measure ours against a floor and the official SDK
	uv run python -m benchmarks.cold_start
	uv run python -m benchmarks.webhook

pictures:        ## take the pictures of the docs again
	uv run python scripts/make_pictures.py

ci:              ## everything, as CI does
	.ci/run
