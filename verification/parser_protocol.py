"""Frames between us and the parser process: 8 bytes of length, big-endian, then the bytes.

Neither side believes the other's lengths beyond a limit or waits for it beyond a deadline.
"""

from __future__ import annotations

import socket
import struct
import time

HEADER = struct.Struct(">Q")
_CHUNK_BYTES = 1024 * 1024


class ChannelClosedError(Exception):
    """The other side is gone, or says what it must not."""


def receive_until(channel: socket.socket, deadline: float, limit: int) -> bytes:
    """Return one frame that is whole before a deadline (monotonic seconds).

    Raises:
        TimeoutError: it was not whole by then.
        ChannelClosedError: the channel closed, or the frame would be over the limit.
    """
    (length,) = HEADER.unpack(_receive_exactly(channel, HEADER.size, deadline))
    if length > limit:
        raise ChannelClosedError
    return _receive_exactly(channel, length, deadline)


def _receive_exactly(channel: socket.socket, count: int, deadline: float) -> bytes:
    received = bytearray()
    while len(received) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        try:
            chunk = channel.recv(min(count - len(received), _CHUNK_BYTES))
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosedError from error
        if not chunk:
            raise ChannelClosedError
        received += chunk
    return bytes(received)


def receive_next(channel: socket.socket) -> bytes | None:
    """Return the next frame however long it takes, or nothing when the other side has closed."""
    header = channel.recv(HEADER.size, socket.MSG_WAITALL)
    if len(header) < HEADER.size:
        return None
    buffer = bytearray(HEADER.unpack(header)[0])
    view = memoryview(buffer)
    while view:
        count = channel.recv_into(view)
        if count == 0:
            return None
        view = view[count:]
    return bytes(buffer)
