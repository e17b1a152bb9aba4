"""A small upper directory for the demo: takes signed batches, checks records, refuses bad ones.

``python examples/directory_server.py --port 8900``; a node reports to it with
``LICENSE_VAULT_DIRECTORY__URL=http://127.0.0.1:8900/batches``. It keeps what it was told in memory
and forgets it at the end. Whether a batch's signature holds it leaves to a real directory, which
has the library's certificate; it does check that what is signed is canonical.
"""

from __future__ import annotations

import argparse
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import rfc8785

LONGEST = 8 * 1024 * 1024
REQUIRED = ("identifier", "type_code", "number", "holders", "authority_code", "cert_state")


@dataclass
class Directory:
    """What was told, by identifier, and which licenses it is to refuse for a while."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusing: set[str] = field(default_factory=set)

    def take(self, body: bytes) -> dict[str, list[Any]] | None:
        """Return what is answered to a batch; None: it is none."""
        try:
            found = json.loads(body)
            records = found["batch"]["records"]
            fits = rfc8785.dumps(found) == body and found["signature"]
        except (ValueError, KeyError, TypeError):
            return None
        if not fits:
            return None
        errors = [error for record in records for error in self._errors(record)]
        refused = {error["identifier"] for error in errors}
        accepted = [r for r in records if r["identifier"] not in refused]
        self.records.update((record["identifier"], record) for record in accepted)
        return {"accepted": [record["identifier"] for record in accepted], "errors": errors}

    def _errors(self, record: dict[str, Any]) -> list[dict[str, str]]:
        identifier = record["identifier"]
        missing = [name for name in REQUIRED if not record.get(name)]
        if identifier in self.refusing:
            return [{"identifier": identifier, "code": "quality-check", "member": "number"}]
        return [{"identifier": identifier, "code": "missing", "member": m} for m in missing]


def serve(directory: Directory, port: int = 0) -> ThreadingHTTPServer:
    """Serve a directory in a thread; the answer's ``server_port`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length", 0)), LONGEST)
            answer = directory.take(self.rfile.read(size))
            written = json.dumps(answer).encode()
            self.send_response(400 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="演示用上级目录 an upper directory for the demo")
    parser.add_argument("--port", type=int, default=8900, help="端口 port")
    server = serve(Directory(), parser.parse_args().port)
    print(f"http://127.0.0.1:{server.server_port}/batches", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
