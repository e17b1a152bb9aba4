"""The status lists of partners as this node keeps them: all states, and who vouches for them.

One row a list and civil day: within a day newer states replace older ones, the last of each day
stays, so that a question about an earlier time can be answered with what was known then. All SQL.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.engine import Row

from license_vault.clock import civil_date
from license_vault.database.columns import table_of
from license_vault.database.partner_tables import PartnerStatusListRow
from license_vault.database.sessions import Reading, Writing
from license_vault.partners.errors import PullRefusedError
from signing.status_file import MAX_LENGTH, StatusFileHead, read_file_head
from signing.status_mirror import HeldStates

_LIST = table_of(PartnerStatusListRow)
_HEAD = (
    _LIST.c.id,
    _LIST.c.region,
    _LIST.c.uri,
    _LIST.c.name,
    _LIST.c.sequence,
    _LIST.c.issued_at,
    _LIST.c.checked_at,
)


@dataclass(frozen=True, slots=True)
class KeptList:
    """Which list is kept, how new it is, and when its region said last that nothing is newer."""

    row_id: int
    region: str
    uri: str
    name: str
    sequence: int
    issued_at: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class KeptStates:
    """A kept list with its states, one code a byte, and the signed file that names their digest."""

    kept: KeptList
    states: bytes = field(repr=False)
    signed_file: bytes = field(repr=False)

    @property
    def held(self) -> HeldStates:
        """Return it as what changes are applied to."""
        return HeldStates(read_file_head(self.signed_file), self.states)


class PartnerStatusLists:
    """Looks kept lists up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def newest(self, uri: str) -> KeptList | None:
        """Return the newest kept list of an address; None if none is kept."""
        row = self._session.execute(_newest(uri)).first()
        return None if row is None else KeptList(*row)

    def at(self, uri: str, at: datetime) -> KeptList | None:
        """Return the list that tells most of a time: the first one made after it, or the newest."""
        later = select(*_HEAD).where(_LIST.c.uri == uri, _LIST.c.issued_at >= at)
        row = self._session.execute(later.order_by(_LIST.c.issued_at).limit(1)).first()
        return self.newest(uri) if row is None else KeptList(*row)

    def of_region(self, region: str) -> tuple[KeptList, ...]:
        """Return the newest kept lists of a region."""
        wanted = select(*_HEAD).where(_LIST.c.region == region, _LIST.c.superseded_at.is_(None))
        return tuple(KeptList(*row) for row in self._session.execute(wanted.order_by(_LIST.c.uri)))

    def head_of(self, kept: KeptList) -> StatusFileHead:
        """Return the head of the signed file of a kept list, without its states."""
        wanted = select(_LIST.c.signed_file).where(_LIST.c.id == kept.row_id)
        return read_file_head(self._session.execute(wanted).one().signed_file)

    def states_of(self, kept: KeptList) -> KeptStates:
        """Return a kept list with its states: perhaps newer ones than it was looked up with."""
        wanted = select(*_HEAD, _LIST.c.states, _LIST.c.signed_file).where(
            _LIST.c.id == kept.row_id
        )
        return _states(self._session.execute(wanted).one())


class PartnerStatusListWriter(PartnerStatusLists):
    """Keeps lists. Whether they are believed has been decided before."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def keep(self, region: str, name: str, held: HeldStates, at: datetime) -> None:
        """Keep newer states of a list.

        Raises:
            PullRefusedError: "uri-of-another-region" or "older": never taken back.
        """
        before = self.newest(held.head.uri)
        if before is not None:
            _refuse_what_is_not_newer(before, region, held)
            if civil_date(before.issued_at) == civil_date(held.head.issued_at):
                self._change(before, held, at)
                return
            self._supersede(before, at)
        head = held.head
        self._writing.add_row(_LIST, region=region, uri=head.uri, name=name, **_values(held, at))

    def checked(self, uri: str, sequence: int, at: datetime) -> None:
        """Note that a region said that nothing is newer than what is kept."""
        self._writing.change_rows(
            update(_LIST)
            .where(
                _LIST.c.uri == uri,
                _LIST.c.sequence == sequence,
                _LIST.c.superseded_at.is_(None),
                _LIST.c.checked_at < at,
            )
            .values(checked_at=at)
        )

    def _change(self, before: KeptList, held: HeldStates, at: datetime) -> None:
        # Another node may have kept newer ones meanwhile: then it stays with them.
        self._writing.change_rows(
            update(_LIST)
            .where(_LIST.c.id == before.row_id, _LIST.c.sequence <= held.head.sequence)
            .values(**_values(held, at))
        )

    def _supersede(self, before: KeptList, at: datetime) -> None:
        self._writing.change_rows(
            update(_LIST)
            .where(_LIST.c.id == before.row_id, _LIST.c.superseded_at.is_(None))
            .values(superseded_at=at)
        )


def _refuse_what_is_not_newer(before: KeptList, region: str, held: HeldStates) -> None:
    if before.region != region:
        raise PullRefusedError("uri-of-another-region", alarming=True)
    if held.head.sequence < before.sequence or held.head.issued_at < before.issued_at:
        raise PullRefusedError("older", alarming=True)


def _values(held: HeldStates, at: datetime) -> dict[str, object]:
    head = held.head
    return {
        "sequence": head.sequence,
        "issued_at": head.issued_at,
        "states": zlib.compress(held.states, 1),
        "signed_file": head.der,
        "checked_at": at,
    }


def _newest(uri: str) -> Select[Any]:
    return select(*_HEAD).where(_LIST.c.uri == uri, _LIST.c.superseded_at.is_(None))


def _states(row: Row[Any]) -> KeptStates:
    kept = KeptList(*row[: len(_HEAD)])
    states = zlib.decompressobj().decompress(row.states, MAX_LENGTH)
    return KeptStates(kept, states, row.signed_file)
