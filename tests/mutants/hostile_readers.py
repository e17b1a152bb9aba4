"""Readers that behave as if a document had taken them over; they run in the parser process.

The document says what to do: ``%PDF-`` and the name of a function below.
"""

import ctypes
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from verification.evidence import ParsedDocument, ReadFailure


def obey(data: bytes) -> ParsedDocument | ReadFailure:
    return globals()[data.removeprefix(b"%PDF-").decode()]()


def _told(detail: str) -> ReadFailure:
    return ReadFailure("document-unreadable", detail)


def behave() -> ParsedDocument:
    return ParsedDocument(seals=())


def tell_process() -> ReadFailure:
    return _told(str(os.getpid()))


def loop() -> ReadFailure:
    while True:
        pass


def sleep() -> ReadFailure:
    time.sleep(60)
    return _told("awake")


def crash() -> ReadFailure:
    ctypes.string_at(0)
    return _told("alive")


def leave() -> ReadFailure:
    os._exit(0)


def raise_something() -> ReadFailure:
    raise LookupError("unnamed")


def eat_memory() -> ReadFailure:
    eaten = bytearray(600 * 1024 * 1024)
    return _told(f"ate {len(eaten)}")


def connect() -> ReadFailure:
    try:
        with socket.create_connection(("127.0.0.1", 9), timeout=2):
            return _told("connected")
    except OSError as error:
        return _told(f"refused {error.errno}")


def open_unix_socket() -> ReadFailure:
    try:
        with socket.socket(socket.AF_UNIX):
            return _told("opened")
    except OSError as error:
        return _told(f"refused {error.errno}")


def run_program() -> ReadFailure:
    try:
        subprocess.run([sys.executable, "-c", ""], check=True)
    except OSError as error:
        return _told(f"refused {error.errno}")
    return _told("ran")


def kill_parent() -> ReadFailure:
    try:
        os.kill(os.getppid(), 9)
    except OSError as error:
        return _told(f"refused {error.errno}")
    return _told("killed")


def write_file() -> ReadFailure:
    path = Path("/tmp/license-vault-hostile")
    try:
        path.write_bytes(b"x")
    except OSError as error:
        return _told(f"refused {error.errno}")
    finally:
        path.unlink(missing_ok=True)
    return _told("written")


def read_environment() -> ReadFailure:
    return _told(",".join(sorted(os.environ)))


def read_password_file() -> ReadFailure:
    try:
        return _told(Path("/etc/passwd").read_text()[:10])
    except OSError as error:
        return _told(f"refused {error.errno}")


def read_settings_of_parent() -> ReadFailure:
    try:
        return _told(Path(f"/proc/{os.getppid()}/environ").read_text()[:10])
    except OSError as error:
        return _told(f"refused {error.errno}")


def answer_nonsense() -> ReadFailure:
    return ReadFailure("document-unreadable", [1])  # type: ignore[arg-type]


def answer_without_end() -> ReadFailure:
    return ReadFailure("document-unreadable", "x" * (20 * 1024 * 1024))
