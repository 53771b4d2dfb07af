"""The web pages of some services, served on this machine while a browser looks at them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from webui.app import create_app
from webui.bootstrap import Services


@contextmanager
def served(services: Services) -> Iterator[str]:
    """Give the address; the server and its thread end with the block."""
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
