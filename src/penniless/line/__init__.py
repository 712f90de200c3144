"""The way to the LINE Platform: the signature of webhooks and the client of the Messaging API.

Nothing is imported here: a bot imports `line.signature` and `line.client`, and those load the rest
when it is needed.
"""
