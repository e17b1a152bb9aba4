"""Applications for a seal: what is asked for, by whom, and who else decided; all their SQL.

That a seal be made is asked by one person and approved or rejected by another; that it be made
anew is asked by one and done by another. Both stay on record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from license_vault.approvals.errors import SamePersonError
from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealApplicationRow
from license_vault.database.sessions import Reading, Writing
from license_vault.face.license_text import text_problem
from license_vault.seals.errors import SealInvalidError
from license_vault.seals.life import SealAct, SealKind
from signing.picture.seal_picture import SealPicture

APPROVED, REJECTED = "approved", "rejected"
CODE_LENGTH = 14
LONGEST_NAME = 128
LONGEST_BASIS = 500

_APPLICATION = table_of(SealApplicationRow)
_PENDING = (
    select(_APPLICATION).where(_APPLICATION.c.decision.is_(None)).order_by(_APPLICATION.c.id.desc())
)


class Purpose(StrEnum):
    """What was asked for."""

    MAKE = "make"
    REMAKE = "remake"


@dataclass(frozen=True, slots=True)
class SealOwner:
    """Whose a seal shall be: an organisation's; or a holder's, which the organisation looks after.

    ``holder`` is the holder's handle, ``holder_name`` as the holder is called.
    """

    organisation_code: str
    holder: str | None = None
    holder_name: str = ""


@dataclass(frozen=True, slots=True)
class SealApplication:
    """What is asked for: the 14-digit code, kind, owner, name (印章名称), picture, basis."""

    code: str
    kind: SealKind
    owner: SealOwner
    name: str
    picture: SealPicture
    basis: str


@dataclass(frozen=True, slots=True)
class ApplicationRecord:
    """An application as it was decided, or not yet."""

    purpose: Purpose
    basis: str
    applied_by: str
    applied_at: datetime
    decision: str | None
    decision_basis: str | None
    decided_by: str | None
    decided_at: datetime | None


PURPOSE_NAMES: Mapping[Purpose, tuple[str, str]] = MappingProxyType(
    {Purpose.MAKE: ("申请", "application"), Purpose.REMAKE: ("重新制作", "made anew")}
)
DECISION_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {APPROVED: ("同意", "approved"), REJECTED: ("不予批准", "rejected")}
)


class SealApplications:
    """Looks applications up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_seal(self, seal_row_id: int) -> tuple[ApplicationRecord, ...]:
        """Return every application for a seal, the oldest first."""
        rows = self._session.execute(
            select(_APPLICATION)
            .where(_APPLICATION.c.seal_id == seal_row_id)
            .order_by(_APPLICATION.c.id)
        )
        return tuple(map(_record, rows))


class SealApplicationWriter(SealApplications):
    """Files applications and decisions."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def file(self, seal_row_id: int, purpose: Purpose, basis: str, by: str, at: datetime) -> None:
        """Put an application on record."""
        self._writing.add_row(
            _APPLICATION,
            seal_id=seal_row_id,
            purpose=purpose.value,
            basis=basis,
            applied_by=by,
            applied_at=at,
        )

    def decide(
        self, seal_row_id: int, act: SealAct, basis: str, by: str, at: datetime
    ) -> ApplicationRecord | None:
        """Decide the application that waits; None if none does.

        Raises:
            SamePersonError: it was ``by`` who applied.
        """
        row = self._session.execute(_PENDING.where(_APPLICATION.c.seal_id == seal_row_id)).first()
        if row is None:
            return None
        if row.applied_by == by:
            raise SamePersonError(by, act)
        self._writing.change_rows(
            update(_APPLICATION)
            .where(_APPLICATION.c.id == row.id)
            .values(
                decision=REJECTED if act is SealAct.REJECT else APPROVED,
                decision_basis=basis,
                decided_by=by,
                decided_at=at,
            )
        )
        return _record(row)


def check_application(application: SealApplication) -> None:
    """Check the words of an application; owner, picture and key are looked at elsewhere.

    Raises:
        SealInvalidError: "code", "name", "basis", "owner", "kind" or "picture-size".
    """
    code, owner = application.code, application.owner
    if not is_seal_code(code):
        raise SealInvalidError(code[:LONGEST_NAME], "code")
    check_texts(code, (("name", application.name, LONGEST_NAME),))
    check_texts(code, (("basis", application.basis, LONGEST_BASIS),))
    if owner.holder is not None:
        check_texts(code, (("owner", owner.holder_name, LONGEST_NAME),))
    elif application.kind is SealKind.PERSONAL:
        raise SealInvalidError(code, "kind")
    check_picture_size(code, application.picture)


def is_seal_code(text: str) -> bool:
    """Say whether a text is a seal code: 14 digits."""
    return text.isascii() and text.isdigit() and len(text) == CODE_LENGTH


def check_texts(code: str, texts: Iterable[tuple[str, str, int]]) -> None:
    """Check texts of (name, text, longest length).

    Raises:
        SealInvalidError: one is empty, too long or has characters no record may have.
    """
    for name, text, longest in texts:
        if not text.strip() or len(text) > longest or text_problem(text):
            raise SealInvalidError(code, name)


def check_picture_size(code: str, picture: SealPicture) -> None:
    """Check that a picture's true size is in whole millimetres, as SESeal writes it.

    Raises:
        SealInvalidError: "picture-size".
    """
    if not all(side == int(side) for side in picture.size_mm):
        raise SealInvalidError(code, "picture-size")


def _record(row: "Row[Any]") -> ApplicationRecord:
    return ApplicationRecord(
        Purpose(row.purpose),
        row.basis,
        row.applied_by,
        row.applied_at,
        row.decision,
        row.decision_basis,
        row.decided_by,
        row.decided_at,
    )
