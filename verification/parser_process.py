"""Parse hostile documents in processes of their own (ADR 0023).

A pool keeps a few children of one small fork server (``parser_child``), each without network,
with bounded memory and processor time, and replaced after a hundred documents or after anything
unexpected. Many threads may ask at once; each has a child to itself while it does. A document
that takes too long, too much, or the child's life becomes a named failure, never an exception.

Source: ADR 0023.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, make_dataclass
from functools import cache
from typing import Any, TypeVar, cast

from verification.errors import (
    MalformedEvidenceError,
    ParserIsolationError,
    ParserUnavailableError,
    VerifierBusyError,
)
from verification.evidence import ParsedDocument, ReadFailure
from verification.evidence_json import from_json_text
from verification.parser_protocol import HEADER, ChannelClosedError, receive_until

_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_SOCKET_BUFFER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What one document may cost, and how long a child is kept."""

    wall_seconds: float = 5.0
    cpu_seconds: int = 5
    memory_bytes: int = 512 * 1024 * 1024
    documents_per_child: int = 100
    wait_seconds: float = 30.0
    start_seconds: float = 30.0


T = TypeVar("T")


@cache
def _answer_of(kind: Any) -> type:
    """Return what a child answers when its reader reads values of a kind."""
    entries = [("parsed", kind | None), ("failure", ReadFailure | None)]
    return make_dataclass("Answer", entries, frozen=True, slots=True)


class _Child:
    """One child: its socket, the descriptor it is killed by, and how much it has read."""

    def __init__(self, channel: socket.socket, handle: int) -> None:
        self._channel = channel
        self._handle = handle
        self.documents = 0

    def ask(self, data: bytes, wall_seconds: float) -> bytes:
        """Return the child's answer about a document.

        Raises:
            TimeoutError: there was none in time.
            ChannelClosedError: the child is gone, or its answer is too long.
        """
        self.documents += 1
        deadline = time.monotonic() + wall_seconds
        self._channel.settimeout(wall_seconds)
        try:
            self._channel.sendall(HEADER.pack(len(data)))
            self._channel.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosedError from error
        return receive_until(self._channel, deadline, _MAX_ANSWER_BYTES)

    def end(self) -> None:
        """Kill the child, whatever it does; safe to repeat."""
        if self._handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
            self._handle = -1
            self._channel.close()


class ParserPool:
    """A pool of parser processes; may be used from many threads. Close it when done."""

    def __init__(
        self,
        processes: int = 2,
        limits: ParserLimits | None = None,
        require_isolation: bool = True,
        reader: str = "verification.reading:read_document",
        preloaded: Sequence[str] = (),
    ) -> None:
        """Start the fork server and the children.

        Args:
            reader: what reads a document in the children, as module:function.
            preloaded: modules that only some documents need, worth loading before the first
                where a pool lives long.

        Raises:
            ParserUnavailableError: they cannot be started here.
            ParserIsolationError: there is no wall against the network, and one is required.
        """
        self._limits = limits or ParserLimits()
        self._require_isolation = require_isolation
        self._reader = reader
        self._preloaded = tuple(preloaded)
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False
        self.walls: tuple[str, ...] = ()
        self._free: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        first = [self._new_child() for _ in range(processes)]
        for child in first:
            self._free.put(child)

    def parse(self, data: bytes) -> ParsedDocument | ReadFailure:
        """Return what a document says, or why it could not be read; raises as ``ask``."""
        return self.ask(data, ParsedDocument)

    def ask(self, data: bytes, kind: type[T]) -> T | ReadFailure:
        """Return what this pool's reader makes of the bytes, or why it made nothing.

        Args:
            kind: the dataclass that the reader answers with.

        Raises:
            VerifierBusyError: no child was free in time.
            ParserUnavailableError: no child can be started any more.
        """
        child = self._take()
        try:
            if child is None:
                child = self._new_child()
            answer = self._ask(child, data, kind)
        except BaseException:
            self._put_back(child, usable=False)
            raise
        broken = isinstance(answer, ReadFailure) and answer.code.startswith("reader-")
        self._put_back(child, usable=not broken)
        return answer

    def close(self) -> None:
        """End all children and the fork server; what is being parsed ends as a crash."""
        with self._lock:
            self._closed = True
            server, control = self._server, self._control
            self._server = self._control = None
        free: list[_Child | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                free.append(self._free.get_nowait())
        for child in free:
            if child is not None:
                child.end()
            self._free.put(None)  # an empty place: whoever waits is told that the pool is closed
        if control is not None:
            control.close()
        if server is not None:
            server.kill()
            server.wait()

    def __enter__(self) -> ParserPool:
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pool."""
        self.close()

    def _take(self) -> _Child | None:
        try:
            return self._free.get(timeout=self._limits.wait_seconds)
        except queue.Empty as error:
            raise VerifierBusyError(self._limits.wait_seconds) from error

    def _put_back(self, child: _Child | None, usable: bool) -> None:
        """Give the place back; a child that is spent or broken is ended, its place left empty."""
        if child is not None and not (
            usable and child.documents < self._limits.documents_per_child and not self._closed
        ):
            child.end()
            child = None
        self._free.put(child)

    def _ask(self, child: _Child, data: bytes, kind: type[T]) -> T | ReadFailure:
        try:
            text = child.ask(data, self._limits.wall_seconds)
            answer: Any = from_json_text(_answer_of(cast("Any", kind)), text)
        except TimeoutError:
            return ReadFailure("reader-timeout", "")
        except ChannelClosedError:
            return ReadFailure("reader-crashed", "")
        except MalformedEvidenceError as error:
            return ReadFailure("reader-crashed", error.path)
        found = answer.parsed or answer.failure or ReadFailure("reader-crashed", "no answer")
        return cast("T | ReadFailure", found)

    def _new_child(self) -> _Child:
        """Ask the fork server for a child; start the server first if there is none."""
        with self._lock:
            if self._closed:
                raise ParserUnavailableError("the pool is closed")
            for attempt in (1, 2):
                try:
                    return self._fork(self._server_control())
                except (OSError, ChannelClosedError) as error:
                    self._end_server()
                    if attempt == 2:
                        raise ParserUnavailableError(str(error)) from error
        raise ParserUnavailableError("no attempt was made")

    def _fork(self, control: socket.socket) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER_BYTES)
            socket.send_fds(control, [b"+"], [theirs.fileno()])
            message, handles, _, _ = socket.recv_fds(control, 1, 1)
        if not message or len(handles) != 1:
            ours.close()
            raise ChannelClosedError
        return _Child(ours, handles[0])

    def _server_control(self) -> socket.socket:
        if self._control is None:
            self._start_server()
        if self._control is None:
            raise ChannelClosedError
        return self._control

    def _start_server(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            limits = self._limits
            budget = [str(limits.cpu_seconds), str(limits.memory_bytes)]
            arguments = [str(theirs.fileno()), self._reader, *budget, *self._preloaded]
            self._server = subprocess.Popen(  # noqa: S603  our own module, our own interpreter
                [sys.executable, "-m", "verification.parser_child", *arguments],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                # Nothing of our environment, which may hold secrets, but where our modules are.
                env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
            )
        ours.settimeout(limits.start_seconds)
        self._control = ours
        line = b""
        while not line.endswith(b"\n"):
            received = ours.recv(1)
            if not received:
                raise ChannelClosedError
            line += received
        self.walls = tuple(json.loads(line))
        if self._require_isolation and not self.walls:
            self._end_server()
            raise ParserIsolationError("neither a network namespace nor a seccomp filter")

    def _end_server(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            self._server.kill()
            self._server.wait()
        self._server = self._control = None
