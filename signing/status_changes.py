"""What has changed in a status list since an earlier sequence: a small signed file.

Whoever has all states of the sequence it begins at gets those of the newest, and can prove it:
both digests stand in it (``status_mirror``). Envelope and head are those of ``status_file``,
sequence and digest the newest ones; its own part is

    baseSequence INTEGER,
    baseSm3      OCTET STRING,  -- SM3 of all states of that sequence
    changed      INTEGER,       -- how many indices
    changes      OCTET STRING   -- raw DEFLATE of sparse codes (``status_reasons.pack_sparse``)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from keys.sm3 import sm3
from signing import der
from signing.errors import MalformedDerError, MalformedStatusListError
from signing.status_file import (
    CHANGES,
    ListHead,
    StatusFileHead,
    StatusListContent,
    build_file,
    check_content,
    deflate,
    named,
    read_digest,
    read_file,
)
from signing.status_reasons import pack_sparse, read_sparse

_DIFFERENT = re.compile(b"[^\0]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StatusChanges:
    """Changes as read: the new code of every index that changed."""

    head: StatusFileHead
    base_sequence: int
    base_sm3: bytes
    changes: Mapping[int, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatusBase:
    """What changes begin at: all states of an earlier sequence, one code a byte."""

    sequence: int
    states: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatusStep:
    """What changed since a sequence: (index, new code) in the order of indices."""

    base_sequence: int
    base_sm3: bytes
    changed: tuple[tuple[int, int], ...] = field(repr=False)


def build_status_changes(
    base: StatusBase,
    content: StatusListContent,
    certificate: bytes,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Return the DER of the signed changes from a base to ``content``.

    Raises:
        MalformedStatusListError: as of ``build_status_list``; or the list has become shorter, or
            its sequence has not grown.
    """
    check_content(content)
    if content.sequence <= base.sequence or len(content.states) < len(base.states):
        raise MalformedStatusListError("status-list-out-of-range")
    changed = changed_codes(base.states, content.states)
    step = StatusStep(base.sequence, sm3(base.states), changed)
    return build_status_step(step, content.head, certificate, sign)


def build_status_step(
    step: StatusStep, head: ListHead, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the DER of the signed changes of a step that is known, to the publication of a head.

    Whoever joins several changes to one needs no states for it: of each index the last code counts.
    """
    body = (
        der.integer(step.base_sequence),
        der.tlv(der.OCTET_STRING, step.base_sm3),
        der.integer(len(step.changed)),
        der.tlv(der.OCTET_STRING, deflate(pack_sparse(step.changed))),
    )
    return build_file(CHANGES, head, body, certificate, sign)


def changed_codes(before: bytes, after: bytes) -> tuple[tuple[int, int], ...]:
    """Return (index, new code) of what differs; ``before`` may be shorter, the rest is 0."""
    size = len(after)
    old = int.from_bytes(before.ljust(size, b"\0"), "big")
    differing = (old ^ int.from_bytes(after, "big")).to_bytes(size, "big")
    return tuple((found.start(), after[found.start()]) for found in _DIFFERENT.finditer(differing))


def read_status_changes(data: bytes) -> StatusChanges:
    """Return changes as they stand.

    Raises:
        MalformedStatusListError: it is not such a file in our form, or over a limit.
    """
    head, body = read_file(data, CHANGES)
    try:
        base_sequence = body.integer("base sequence")
        base_sm3 = read_digest(body)
        count = body.integer("changed")
        changes = read_sparse(body.contents(der.OCTET_STRING, "changes"), count, head.length)
        body.finish("tbs")
    except MalformedDerError as error:
        raise named(error) from error
    if not 0 <= base_sequence < head.sequence:
        raise MalformedStatusListError("status-list-out-of-range")
    return StatusChanges(head, base_sequence, base_sm3, changes)
