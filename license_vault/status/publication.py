"""Publish the states of licenses as signed lists, which anybody may keep and ask offline.

The live row is the truth; a list says what it was when the list was made. A list is published
again when a state in it has changed or when half of its time is over. Lists are kept: who says
later "the list said valid" can be answered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.clock import Clock
from license_vault.database.lifecycle_tables import LicenseMarkRow
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.database.tables import LicenseRow, StatusPublicationRow, table_of
from license_vault.errors import RowConflictError
from license_vault.license import STATUS_CODES, LicenseMark, LicenseStatus, status_code
from license_vault.status.shards import StatusShard, StatusShards
from signing.status_list import StatusListContent, build_status_list

_LICENSE = table_of(LicenseRow)
_MARK = table_of(LicenseMarkRow)
_PUBLICATION = table_of(StatusPublicationRow)
_LABEL = "status"
# A change carries the time its request came, and is seen when it is committed: at most so much
# later, for no transaction lives longer than the statement and lock time-outs let it.
_LONGEST_COMMIT = timedelta(minutes=5)
_CODES = {status.value: code for status, code in STATUS_CODES.items()}


@dataclass(frozen=True, slots=True)
class Publication:
    """A published list; ``der`` is the signed list."""

    sequence: int
    issued_at: datetime
    next_update: datetime
    states_sm3: bytes
    der: bytes


class StatusPublisher:
    """Makes, keeps and gives out signed status lists. Use from many threads."""

    def __init__(
        self,
        database: Database,
        keys: KeyProvider,
        certificate: Callable[[], bytes],
        lifetime: timedelta,
        clock: Clock,
    ) -> None:
        """Take what publishing needs.

        Args:
            certificate: gives the DER of the certificate of the key ``status``.
            lifetime: from issue to next update of a list.
        """
        self._database = database
        self._keys = keys
        self._certificate = certificate
        self._lifetime = lifetime
        self._clock = clock

    def current(self) -> tuple[Publication, ...]:
        """Return a list of every shard that says what the rows say now, publishing if need be."""
        with self._database.reading() as session:
            shards = StatusShards(session).all()
        return tuple(map(self._current, shards))

    def current_of(self, name: str) -> Publication | None:
        """Return the list of one shard by its public name; None if there is none."""
        with self._database.reading() as session:
            shards = StatusShards(session).all()
        return next((self._current(shard) for shard in shards if shard.name == name), None)

    def _current(self, shard: StatusShard) -> Publication:
        now = self._clock()
        with self._database.reading() as session:
            latest = _latest(session, shard)
            if latest and now < self._renewed_at(latest) and not _changed(session, shard, latest):
                return latest
            states = _states(session, shard)
        if latest and now < self._renewed_at(latest) and sm3(states) == latest.states_sm3:
            return latest
        try:
            return self._publish(shard, now)
        except RowConflictError:
            # Another node has just published the same sequence.
            with self._database.reading() as session:
                found = _latest(session, shard)
            if found is None:
                raise
            return found

    def _renewed_at(self, latest: Publication) -> datetime:
        return latest.issued_at + (latest.next_update - latest.issued_at) / 2

    def _publish(self, shard: StatusShard, now: datetime) -> Publication:
        with self._database.writing() as session:
            # Read again in the session that writes. What is committed beside it is seen by
            # ``_changed`` the next time.
            latest, states = _latest(session, shard), _states(session, shard)
            content = StatusListContent(
                uri=shard.uri,
                sequence=latest.sequence + 1 if latest else 1,
                issued_at=now,
                next_update=now + self._lifetime,
                states=states,
            )
            sign = partial(self._keys.sign, _LABEL)
            published = Publication(
                content.sequence,
                now,
                content.next_update,
                sm3(states),
                build_status_list(content, self._certificate(), sign),
            )
            _add(session, shard, published)
        return published


def _latest(session: Reading, shard: StatusShard) -> Publication | None:
    row = session.execute(
        select(
            _PUBLICATION.c.sequence,
            _PUBLICATION.c.issued_at,
            _PUBLICATION.c.next_update,
            _PUBLICATION.c.states_sm3,
            _PUBLICATION.c.der,
        )
        .where(_PUBLICATION.c.shard_id == shard.row_id)
        .order_by(_PUBLICATION.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else Publication(*row)


def _changed(session: Reading, shard: StatusShard, latest: Publication) -> bool:
    """Return whether a state may have changed since a list was made."""
    since = latest.issued_at - _LONGEST_COMMIT
    changed = (
        select(_LICENSE.c.id)
        .where(_LICENSE.c.status_shard_id == shard.row_id, _LICENSE.c.changed_at >= since)
        .limit(1)
    )
    return session.execute(changed).first() is not None


def _states(session: Reading, shard: StatusShard) -> bytes:
    """Return a list's states as they are now, one code an index."""
    states = bytearray(shard.capacity)
    rows = session.execute(
        select(_LICENSE.c.status_index, _LICENSE.c.status).where(
            _LICENSE.c.status_shard_id == shard.row_id
        )
    )
    for index, status in rows:
        states[index] = _CODES[status]
    for index, marks in _marked(session, shard).items():
        if states[index] == _CODES[LicenseStatus.VALID.value]:
            states[index] = status_code(LicenseStatus.VALID, marks)
    return bytes(states)


def _marked(session: Reading, shard: StatusShard) -> dict[int, set[LicenseMark]]:
    """Return the marks that stand, by the index of their license."""
    rows = session.execute(
        select(_LICENSE.c.status_index, _MARK.c.mark)
        .join(_LICENSE, _LICENSE.c.id == _MARK.c.license_id)
        .where(_LICENSE.c.status_shard_id == shard.row_id, _MARK.c.until.is_(None))
    )
    found: dict[int, set[LicenseMark]] = {}
    for index, mark in rows:
        found.setdefault(index, set()).add(LicenseMark(mark))
    return found


def _add(session: Writing, shard: StatusShard, published: Publication) -> None:
    session.add_row(
        _PUBLICATION,
        shard_id=shard.row_id,
        sequence=published.sequence,
        issued_at=published.issued_at,
        next_update=published.next_update,
        states_sm3=published.states_sm3,
        der=published.der,
    )
