"""The parser process: a small fork server and the children that read documents.

Started by ``parser_process`` as ``python -m verification.parser_child``. It loads the parsers
once, leaves the network, and forks a child for each request that comes with a socket; a child
reads documents from its socket, one at a time, until the socket closes. multiprocessing's own
fork server would import the main program into every child; this one never does.

Frames in both directions: 8 bytes of length, big-endian, then the bytes. Down go documents, up
come JSON answers (``evidence_json``); nothing is ever unpickled on either side.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from verification import isolation
from verification.evidence import ReadFailure
from verification.evidence_json import to_values
from verification.parser_protocol import HEADER, receive_next

Read = Callable[[bytes], object]  # a dataclass of values, or a ReadFailure


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one document may cost: seconds of processor time, bytes of memory."""

    cpu_seconds: int
    memory_bytes: int


def serve(control: socket.socket, read: Read, limits: ChildLimits) -> None:
    """Fork a child for every socket that comes; end when the other side does.

    The first answer is the walls that stand, as JSON; each later one is a file descriptor of
    the child (pidfd), by which it can be killed and nobody else can.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    walls = isolation.cut_off_network()
    isolation.forbid_traces()
    gc.collect()
    gc.freeze()
    control.sendall(json.dumps(walls).encode("ascii") + b"\n")
    server = os.getpid()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            isolation.die_with(server)
            control.close()
            _be_child(socket.socket(fileno=descriptors[0]), read, limits)
        os.close(descriptors[0])
        handle = os.pidfd_open(pid)
        socket.send_fds(control, [b"."], [handle])
        os.close(handle)


def _be_child(channel: socket.socket, read: Read, limits: ChildLimits) -> None:
    """Read documents until there are no more; never return to the server's loop."""
    status = 1
    try:
        # What a parser has to say about a hostile file is no line of our log.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        memory = os.open("/proc/self/statm", os.O_RDONLY)
        isolation.hide_files(_readable())
        _read_documents(channel, read, limits, memory)
        status = 0
    finally:
        os._exit(status)


def _readable() -> Iterator[Path]:
    """Yield where code is that may still be imported, and what qpdf takes random numbers from."""
    yield Path("/dev/urandom")
    yield from map(Path, {sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64"})
    ours = Path(__file__).parent.parent
    yield from (ours / name for name in ("keys", "signing", "license_vault", "verification"))


def _read_documents(channel: socket.socket, read: Read, limits: ChildLimits, memory: int) -> None:
    while (data := receive_next(channel)) is not None:
        isolation.allow_for_one_file(memory, limits.cpu_seconds, limits.memory_bytes)
        answer = _answer(read, data)
        channel.sendall(HEADER.pack(len(answer)) + answer)


def _answer(read: Read, data: bytes) -> bytes:
    """Return the JSON answer about one document; out of memory is an answer too."""
    try:
        found = read(data)
        kind = "failure" if isinstance(found, ReadFailure) else "parsed"
        answer = {"parsed": None, "failure": None, kind: to_values(found)}
        return json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except MemoryError:
        return b'{"parsed":null,"failure":{"code":"reader-limit","detail":"memory"}}'


def _named(name: str) -> Read:
    """Return a reader by ``module:function``; the usual one is ``verification.reading``'s."""
    module, _, function = name.partition(":")
    found: Read = getattr(importlib.import_module(module), function)
    return found


if __name__ == "__main__":
    # What only some documents need: loaded once here rather than by each child that meets one.
    for preloaded in sys.argv[5:]:
        importlib.import_module(preloaded)
    serve(
        socket.socket(fileno=int(sys.argv[1])),
        _named(sys.argv[2]),
        ChildLimits(int(sys.argv[3]), int(sys.argv[4])),
    )
