"""Somebody who answers a byte now and then, so that no read ever waits too long."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

TRICKLES = {
    "header": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    "body-without-end": b"HTTP/1.1 200 OK\r\n\r\n",
}
"""How such an answer begins, so that it trickles in that part."""


@contextmanager
def trickling(first: bytes) -> Iterator[str]:
    """Serve once: a beginning, then a byte every tenth of a second, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            try:
                connection.sendall(first)
                while not over.wait(0.1):
                    connection.sendall(b"x")
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    over.set()
    server.close()
