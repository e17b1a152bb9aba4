"""A subscriber of webhooks, as Standard Webhooks describes one: checks each message, keeps it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Subscriber:
    """Whom the node tells. Until it has the secret, and of what is not signed, it takes nothing."""

    secret: str = ""
    url: str = ""
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, headers: Any, body: bytes) -> bool:
        """Keep a message by its id, once; False: it is not signed with the secret."""
        said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
        signed = str(headers["webhook-signature"]).split()
        if not self.secret or not any(hmac.compare_digest(one, f"v1,{mac}") for one in signed):
            return False
        self.heard[headers["webhook-id"]] = json.loads(body)
        return True

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Listen while the block runs."""
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(204 if subscriber.take(self.headers, body) else 401)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/hooks"
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
