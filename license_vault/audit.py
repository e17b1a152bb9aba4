"""The record of who did what: only ever added to, each entry chained to the one before.

An entry's digest is SM3 over its canonical bytes, which hold the digest of the entry before.
Changing, removing or reordering one breaks every later digest; cutting off the end contradicts
the head row. Against somebody who rewrites the whole chain and the head only copies elsewhere
help (checkpoints, a later issue).

Canonical bytes: RFC 8785 JSON of {"action", "actor", "details", "previous", "recorded_at",
"sequence", "subject"}; digests in lower-case hex, the instant as YYYY-MM-DDTHH:MM:SSZ, the
sequence as a decimal text, details an object of texts without personal data.

Appending happens in the transaction of what it records: no entry, no act. The head row's lock
puts writers in a queue (SELECT … FOR UPDATE; on SQLite the transaction has it already), so
append last, just before the commit.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from keys.sm3 import sm3
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import AuditEntryRow, AuditHeadRow, table_of
from license_vault.errors import AuditHeadMissingError

GENESIS = bytes(32)
_ENTRY = table_of(AuditEntryRow)
_HEAD = table_of(AuditHeadRow)
_PAGE = 1000

_HEAD_ROW = select(_HEAD.c.sequence, _HEAD.c.digest)
_LOCKED_HEAD = _HEAD_ROW.with_for_update()
_MOVED_HEAD = update(_HEAD).values(sequence=bindparam("sequence"), digest=bindparam("digest"))


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done: by whom, what, to what."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, str]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An act with its place in the chain; digests are 32 bytes."""

    sequence: int
    act: Act
    previous: bytes
    digest: bytes


def canonical_bytes(sequence: int, act: Act, previous: bytes) -> bytes:
    """Return what an entry's digest is taken over."""
    data: bytes = rfc8785.dumps(
        {
            "sequence": str(sequence),
            "recorded_at": act.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "actor": act.actor,
            "action": act.action,
            "subject": act.subject,
            "details": dict(act.details),
            "previous": previous.hex(),
        }
    )
    return data


class AuditTrail:
    """Reads the chain."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def head(self) -> tuple[int, bytes]:
        """Return the last entry's sequence and digest; (0, 32 zero bytes) before the first.

        Raises:
            AuditHeadMissingError: the head row is gone.
        """
        return _head_of(self._session.execute(_HEAD_ROW).first())

    def entries(self, after: int = 0) -> Iterator[AuditEntry]:
        """Yield the entries in order, a page at a time."""
        while True:
            page = self._session.execute(
                select(_ENTRY)
                .where(_ENTRY.c.sequence > after)
                .order_by(_ENTRY.c.sequence)
                .limit(_PAGE)
            ).all()
            yield from map(_entry, page)
            if len(page) < _PAGE:
                return
            after = page[-1].sequence

    def of_subject(self, subject: str) -> tuple[AuditEntry, ...]:
        """Return what was recorded of one subject, in order."""
        found = self._session.execute(
            select(_ENTRY).where(_ENTRY.c.subject == subject).order_by(_ENTRY.c.sequence)
        )
        return tuple(map(_entry, found))

    def page_of_subject(
        self, subject: str, limit: int, behind: int | None
    ) -> tuple[AuditEntry, ...]:
        """Return the next entries of one subject, the newest first; ``behind`` is the last seen."""
        wanted = select(_ENTRY).where(_ENTRY.c.subject == subject)
        if behind is not None:
            wanted = wanted.where(_ENTRY.c.sequence < behind)
        found = self._session.execute(wanted.order_by(_ENTRY.c.sequence.desc()).limit(limit))
        return tuple(map(_entry, found))


class AuditWriter(AuditTrail):
    """Appends to the chain, in the transaction of what is recorded."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def append(self, act: Act) -> AuditEntry:
        """Append an act; it counts when the session commits.

        Raises:
            AuditHeadMissingError: the head row is gone; nothing may happen unrecorded.
        """
        last, previous = _head_of(self._session.execute(_LOCKED_HEAD).first())
        digest = sm3(canonical_bytes(last + 1, act, previous))
        self._writing.add_row(
            _ENTRY,
            sequence=last + 1,
            recorded_at=act.recorded_at,
            actor=act.actor,
            action=act.action,
            subject=act.subject,
            details=rfc8785.dumps(dict(act.details)).decode(),
            previous=previous,
            digest=digest,
        )
        self._writing.change_rows(_MOVED_HEAD, {"sequence": last + 1, "digest": digest})
        return AuditEntry(last + 1, act, previous, digest)


def _head_of(row: "Row[tuple[int, bytes]] | None") -> tuple[int, bytes]:
    if row is None:
        raise AuditHeadMissingError
    return row.sequence, row.digest


def _entry(row: "Row[Any]") -> AuditEntry:
    act = Act(row.actor, row.action, row.subject, json.loads(row.details), row.recorded_at)
    return AuditEntry(row.sequence, act, row.previous, row.digest)
