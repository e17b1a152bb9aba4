"""Trust lists and roots as they are kept: ours and our partners'; all their SQL.

Drafts still miss signatures, candidates still miss people's approval; both are without effect.
Accepted ones are kept for ever, so that an old file is judged by the list of its time. What may
become accepted is decided in ``partner_lists``, ``approving`` and ``own_list``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.trust_list_tables import TrustListRow, TrustRootRow
from signing.trust_list import TrustList, read_trust_list
from signing.trust_root import SignedTrustRoot, read_trust_root

_LIST, _ROOT = table_of(TrustListRow), table_of(TrustRootRow)
_SEQUENCE = (
    select(_LIST.c.sequence)
    .where(_LIST.c.region == bindparam("region"), _LIST.c.state == "accepted")
    .order_by(_LIST.c.sequence.desc())
    .limit(1)
)


class ListState(StrEnum):
    """How far a list or root has come."""

    DRAFT = "draft"
    CANDIDATE = "candidate"
    ACCEPTED = "accepted"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list with its row; ``sm3`` is its fingerprint, ``url`` where a candidate came from."""

    row_id: int
    region: str
    sequence: int
    sm3: bytes
    root_version: int
    issued_at: datetime
    next_update: datetime
    state: ListState
    url: str
    added_at: datetime
    accepted_at: datetime | None
    der: bytes = field(repr=False)

    @property
    def trust_list(self) -> TrustList:
        """The list itself, read once."""
        return _read(self.der)


@lru_cache(maxsize=64)
def _read(der: bytes) -> TrustList:
    return read_trust_list(der)


class TrustLists:
    """Looks lists and roots up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def newest(self, region: str) -> KeptList | None:
        """Return a region's accepted list of the highest sequence."""
        return self._first(_lists(region, ListState.ACCEPTED))

    def sequence_in_use(self, region: str) -> int | None:
        """Return the sequence of what ``newest`` returns; it is asked with each verification."""
        row = self._session.execute(_SEQUENCE, {"region": region}).first()
        return None if row is None else int(row.sequence)

    def of_sequence(self, region: str, sequence: int) -> KeptList | None:
        """Return a region's accepted list of one sequence."""
        return self._first(_lists(region, ListState.ACCEPTED).where(_LIST.c.sequence == sequence))

    def at(self, region: str, moment: datetime) -> KeptList | None:
        """Return the accepted list that was a region's newest at a moment, by its own dates."""
        wanted = _lists(region, ListState.ACCEPTED).where(_LIST.c.issued_at <= moment)
        return self._first(wanted)

    def pending(self, region: str, state: ListState) -> KeptList | None:
        """Return the draft, or the candidate, of a region that was added last."""
        wanted = select(_LIST).where(_LIST.c.region == region, _LIST.c.state == state.value)
        return self._first(wanted.order_by(_LIST.c.id.desc()).limit(1))

    def history(self, region: str) -> tuple[KeptList, ...]:
        """Return a region's accepted lists, the newest first."""
        rows = self._session.execute(
            select(_LIST)
            .where(_LIST.c.region == region, _LIST.c.state == ListState.ACCEPTED.value)
            .order_by(_LIST.c.sequence.desc())
        )
        return tuple(map(_kept, rows))

    def regions(self) -> tuple[str, ...]:
        """Return the codes of the regions of which a list is accepted or waits to be."""
        wanted = (ListState.ACCEPTED.value, ListState.CANDIDATE.value)
        rows = self._session.execute(
            select(_LIST.c.region)
            .where(_LIST.c.state.in_(wanted))
            .distinct()
            .order_by(_LIST.c.region)
        )
        return tuple(row.region for row in rows)

    def newest_ids(self) -> dict[str, int]:
        """Return the row of the newest accepted list of every region, without the lists."""
        rows = self._session.execute(
            select(_LIST.c.region, _LIST.c.id)
            .where(_LIST.c.state == ListState.ACCEPTED.value)
            .order_by(_LIST.c.sequence)
        )
        return {row.region: row.id for row in rows}

    def root(self, region: str, version: int) -> SignedTrustRoot | None:
        """Return the accepted root of one version."""
        return self._root(_roots(region, ListState.ACCEPTED).where(_ROOT.c.version == version))

    def newest_root(self, region: str) -> SignedTrustRoot | None:
        """Return the accepted root of the highest version."""
        return self._root(_roots(region, ListState.ACCEPTED))

    def pending_root(self, region: str, state: ListState) -> SignedTrustRoot | None:
        """Return the draft, or the candidate, root of the highest version."""
        return self._root(_roots(region, state))

    def _first(self, wanted: Select[Any]) -> KeptList | None:
        row = self._session.execute(wanted).first()
        return None if row is None else _kept(row)

    def _root(self, wanted: Select[Any]) -> SignedTrustRoot | None:
        row = self._session.execute(wanted).first()
        return None if row is None else read_trust_root(row.der)


class TrustListWriter(TrustLists):
    """Keeps lists and roots. What it is told to accept it does not question."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add_list(self, found: TrustList, state: ListState, at: datetime, url: str = "") -> None:
        """Keep a list; of drafts and of candidates only the last stays."""
        self._drop_lists(found.region, state)
        content = found.content
        self._writing.add_row(
            _LIST,
            region=content.region,
            sequence=content.sequence,
            sm3=found.sm3,
            der=found.der,
            root_version=content.root_version,
            issued_at=content.issued_at,
            next_update=content.next_update,
            state=state.value,
            url=url,
            added_at=at,
            accepted_at=at if state is ListState.ACCEPTED else None,
        )

    def accept(self, kept: KeptList, at: datetime) -> None:
        """Let a draft or candidate count from now on."""
        changed = update(_LIST).where(_LIST.c.id == kept.row_id, _LIST.c.state == kept.state.value)
        self._writing.change_rows(
            changed.values(state=ListState.ACCEPTED.value, accepted_at=at, der=kept.der)
        )

    def drop(self, kept: KeptList) -> None:
        """Let a list count no more; it stays on record."""
        changed = update(_LIST).where(_LIST.c.id == kept.row_id)
        self._writing.change_rows(changed.values(state=ListState.DROPPED.value))

    def sign(self, kept: KeptList, der: bytes) -> None:
        """Keep a draft with one signature more: the same tbs."""
        same = (_LIST.c.id == kept.row_id, _LIST.c.state == ListState.DRAFT.value)
        self._writing.change_rows(update(_LIST).where(*same).values(der=der))

    def add_root(self, signed: SignedTrustRoot, state: ListState, at: datetime) -> None:
        """Keep a root, or let one that is kept already be in another state."""
        root = signed.root
        if state is not ListState.ACCEPTED:
            self._drop_roots(root.region, state, None)
        else:
            self._drop_roots(root.region, state, root.version)
        same = (_ROOT.c.region == root.region, _ROOT.c.sm3 == signed.sm3)
        changed = update(_ROOT).where(*same).values(der=signed.der, state=state.value)
        if self._writing.change_rows(changed) == 0:
            self._writing.add_row(
                _ROOT,
                region=root.region,
                version=root.version,
                sm3=signed.sm3,
                der=signed.der,
                state=state.value,
                added_at=at,
            )

    def _drop_lists(self, region: str, state: ListState) -> None:
        if state is ListState.ACCEPTED:
            return
        live = (_LIST.c.region == region, _LIST.c.state == state.value)
        self._writing.change_rows(update(_LIST).where(*live).values(state=ListState.DROPPED.value))

    def _drop_roots(self, region: str, state: ListState, version: int | None) -> None:
        live = [_ROOT.c.region == region, _ROOT.c.state == state.value]
        if version is not None:
            live.append(_ROOT.c.version == version)
        self._writing.change_rows(update(_ROOT).where(*live).values(state=ListState.DROPPED.value))


def _lists(region: str, state: ListState) -> Select[Any]:
    return (
        select(_LIST)
        .where(_LIST.c.region == region, _LIST.c.state == state.value)
        .order_by(_LIST.c.sequence.desc())
        .limit(1)
    )


def _roots(region: str, state: ListState) -> Select[Any]:
    return (
        select(_ROOT.c.der)
        .where(_ROOT.c.region == region, _ROOT.c.state == state.value)
        .order_by(_ROOT.c.version.desc())
        .limit(1)
    )


def _kept(row: Row[Any]) -> KeptList:
    return KeptList(
        row_id=row.id,
        region=row.region,
        sequence=row.sequence,
        sm3=row.sm3,
        root_version=row.root_version,
        issued_at=row.issued_at,
        next_update=row.next_update,
        state=ListState(row.state),
        url=row.url,
        added_at=row.added_at,
        accepted_at=row.accepted_at,
        der=row.der,
    )
