"""The bot on AWS Lambda: `lambda_handler = lambda_handler_for(bot)`."""

from __future__ import annotations

from penniless.aws.function import lambda_handler_for

__all__ = ["lambda_handler_for"]
