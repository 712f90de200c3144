"""The echo of the official SDK's documentation: Flask's own server, in threads, without a log."""

import os
import sys
import time

from flask import Flask, abort, request
from linebot.v3.exceptions import InvalidSignatureError

from benchmarks.bots.sdk_echo import handler

SECONDS = float(os.environ.get("BENCHMARK_HANDLER", "0"))

app = Flask(__name__)


@app.route("/", methods=["POST"])
def callback():
    time.sleep(SECONDS)
    try:
        handler.handle(request.get_data(as_text=True), request.headers["X-Line-Signature"])
    except InvalidSignatureError:
        abort(400)
    return "OK"


if __name__ == "__main__":
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
