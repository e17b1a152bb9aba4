"""Uses of seals on licenses: intended before a key is used, completed with the license; their SQL.

The intent's commit says which files which seals are going to be set on, and what authorised it. A
later try is counted before it signs. The commit that makes a license VALID says what each seal's
signature covers, as the final check found it in the file. So the key port's own count, the uses
on record and the sealed documents can be held against each other (``fsck.seal_uses``).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, select, update

from license_vault.approvals.approvals import CheckedApproval
from license_vault.database.columns import table_of
from license_vault.database.seal_use_tables import SealUseRow
from license_vault.database.sessions import Reading, Writing
from signing.seal import Seal

_USE = table_of(SealUseRow)
_IDENTIFYING = ("license_id", "form", "position", "key_label")
_COMPLETED = (
    update(_USE)
    .where(
        _USE.c.license_id == bindparam("of_license"),
        _USE.c.form == bindparam("of_form"),
        _USE.c.position == bindparam("at_position"),
        _USE.c.key_label == bindparam("by_key"),
    )
    .values(signed_sm3=bindparam("signed"), completed_at=bindparam("completed"))
)


@dataclass(frozen=True, slots=True)
class CheckedSeal:
    """A seal that the final check found in a file, and SM3 of what its signature covers."""

    code: str
    signed_sm3: bytes


@dataclass(frozen=True, slots=True)
class SealToSet:
    """A seal that is going to be set, with the key of its row."""

    row_id: int
    seal: Seal


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What authorised the uses: the item, SM3 of what was approved, and who approved it."""

    item_code: str | None = None
    request_sm3: bytes | None = None
    approvals: tuple[CheckedApproval, ...] = ()

    @property
    def approvals_json(self) -> str:
        """Return the approvals as a row keeps them."""
        return json.dumps([approval.as_json() for approval in self.approvals], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class IntendedUses:
    """Every seal on every file of one license; ``forms`` are the files."""

    license_row_id: int
    forms: tuple[str, ...]
    seals: tuple[SealToSet, ...]
    authorisation: Authorisation = Authorisation()


class SealedFile(Protocol):
    """A file with the seals that were found in it, and the label of the key of each."""

    @property
    def form(self) -> str:
        """The file's form."""
        ...

    @property
    def seals(self) -> Sequence[CheckedSeal]:
        """The seals in their order."""
        ...

    @property
    def key_labels(self) -> Sequence[str]:
        """The labels in the same order."""
        ...


class SealUseWriter:
    """Records uses, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        self._writing = session

    def intend(self, uses: IntendedUses, at: datetime) -> None:
        """Record that each seal's key is going to be used once for each file."""
        self._writing.add_rows(_USE, list(_rows(uses, at)))

    def count_attempt(self, uses: IntendedUses, at: datetime) -> None:
        """Record that the keys are going to be used once more, for these files.

        A seal that was made anew since then has another key, which gets rows of its own; so does
        an intent of a release that recorded no uses.
        """
        earlier = SealUses(self._writing).of_licenses([uses.license_row_id])
        for row in _rows(uses, at):
            again = (
                update(_USE)
                .where(*(_USE.c[name] == row[name] for name in _IDENTIFYING))
                .values(attempts=_USE.c.attempts + 1)
            )
            if self._writing.change_rows(again) == 0:
                self._writing.add_rows(_USE, [row | _authorisation_of(earlier)])

    def complete(self, license_row_id: int, files: Iterable[SealedFile], at: datetime) -> None:
        """Record what the seals of files have signed, in their order."""
        for form, position, seal, label in _completed(files):
            values = {
                "of_license": license_row_id,
                "of_form": form,
                "at_position": position,
                "by_key": label,
                "signed": seal.signed_sm3,
                "completed": at,
            }
            self._writing.change_rows(_COMPLETED, values)


def _rows(uses: IntendedUses, at: datetime) -> Iterator[dict[str, object]]:
    authorisation = uses.authorisation
    approvals = authorisation.approvals_json
    for form in uses.forms:
        for position, found in enumerate(uses.seals):
            yield {
                "seal_id": found.row_id,
                "key_label": found.seal.key_label,
                "license_id": uses.license_row_id,
                "form": form,
                "position": position,
                "item_code": authorisation.item_code,
                "request_sm3": authorisation.request_sm3,
                "approvals": approvals,
                "attempts": 1,
                "intended_at": at,
            }


def _completed(files: Iterable[SealedFile]) -> Iterator[tuple[str, int, CheckedSeal, str]]:
    for file in files:
        for position, (seal, label) in enumerate(zip(file.seals, file.key_labels, strict=True)):
            yield file.form, position, seal, label


@dataclass(frozen=True, slots=True)
class SealUse:
    """One use as it is on record; ``approvals`` as they were stored."""

    seal_id: int
    key_label: str
    license_row_id: int
    form: str
    position: int
    item_code: str | None
    request_sm3: bytes | None
    approvals: tuple[dict[str, str], ...]
    attempts: int
    intended_at: datetime
    signed_sm3: bytes | None
    completed_at: datetime | None


class SealUses:
    """Looks uses up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_licenses(self, row_ids: Sequence[int]) -> tuple[SealUse, ...]:
        """Return the uses for the files of several licenses, in the order of form and seal."""
        rows = self._session.execute(
            select(_USE)
            .where(_USE.c.license_id.in_(row_ids))
            .order_by(_USE.c.license_id, _USE.c.form, _USE.c.position)
        )
        return tuple(
            SealUse(
                seal_id=row.seal_id,
                key_label=row.key_label,
                license_row_id=row.license_id,
                form=row.form,
                position=row.position,
                item_code=row.item_code,
                request_sm3=row.request_sm3,
                approvals=tuple(json.loads(row.approvals)),
                attempts=row.attempts,
                intended_at=row.intended_at,
                signed_sm3=row.signed_sm3,
                completed_at=row.completed_at,
            )
            for row in rows
        )


def _authorisation_of(earlier: Sequence[SealUse]) -> dict[str, object]:
    """Return what authorised a license's earlier uses, for a row of a later one."""
    if not earlier:
        return {}
    first = earlier[0]
    return {
        "item_code": first.item_code,
        "request_sm3": first.request_sm3,
        "approvals": json.dumps(first.approvals, ensure_ascii=False),
    }
