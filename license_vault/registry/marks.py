"""Marks on licenses in force (附条件, 异议中, 延续审批中): set, cleared, and as of an instant.

A mark says something beside the state and never changes it. Several references may stand behind
one mark: it shows until the last of them is cleared. Status lists and the nodes of this region
say it at once; whoever sets a mark adds the audit entry.
"""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from license_vault.database.columns import table_of
from license_vault.database.lifecycle_tables import LicenseMarkRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow
from license_vault.license import LicenseMark, LicenseStatus

RENEWAL = "renewal"

_MARK = table_of(LicenseMarkRow)
_LICENSE = table_of(LicenseRow)
_STANDS = (_MARK.c.since <= bindparam("at")) & (
    _MARK.c.until.is_(None) | (_MARK.c.until > bindparam("at"))
)
_AS_OF = select(_MARK.c.mark).where(_MARK.c.license_id == bindparam("row_id"), _STANDS)
_AFTER = (
    select(_LICENSE.c.id)
    .where(_LICENSE.c.predecessor_id == bindparam("row_id"))
    .where(_LICENSE.c.status.not_in([LicenseStatus.ISSUING.value, LicenseStatus.VOID.value]))
    .order_by(_LICENSE.c.id.desc())
    .limit(1)
)


class Marks:
    """Says which marks a license has."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def as_of(self, license_row_id: int, at: datetime) -> tuple[LicenseMark, ...]:
        """Return the marks that stood at an instant, each once, in the order of the enum."""
        rows = self._session.execute(_AS_OF, {"row_id": license_row_id, "at": at})
        found = {row.mark for row in rows}
        return tuple(mark for mark in LicenseMark if mark.value in found)


class MarkWriter(Marks):
    """Sets and clears marks, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def set(self, license_row_id: int, mark: LicenseMark, at: datetime, reference: str) -> None:
        """Mark a license from an instant on; again with the same reference changes nothing.

        Args:
            reference: what it is marked for, as "dispute/…"; nothing personal.
        """
        standing = select(_MARK.c.id).where(
            _MARK.c.license_id == license_row_id,
            _MARK.c.mark == mark.value,
            _MARK.c.reference == reference,
            _MARK.c.until.is_(None),
        )
        if self._session.execute(standing).first() is not None:
            return
        self._writing.add_row(
            _MARK,
            license_id=license_row_id,
            mark=mark.value,
            since=at,
            until=None,
            reference=reference,
        )
        self._license_changed(license_row_id, at)

    def clear(
        self, license_row_id: int, mark: LicenseMark, at: datetime, reference: str | None = None
    ) -> bool:
        """End a mark as of an instant; False if it does not stand.

        Args:
            license_row_id: the license it was set on; a later version may have taken it over.
            reference: what it was set for; None: whatever it was.
        """
        line = self._line(license_row_id)
        standing = [
            _MARK.c.license_id.in_(line),
            _MARK.c.mark == mark.value,
            _MARK.c.until.is_(None),
        ]
        if reference is not None:
            standing.append(_MARK.c.reference == reference)
        cleared = self._writing.change_rows(update(_MARK).where(*standing).values(until=at))
        if cleared:
            self._license_changed(line[-1], at)
        return cleared > 0

    def carry_over(self, old_row_id: int, new_row_id: int, at: datetime, verb: str) -> None:
        """End the marks of a version that is over; the next one takes over what still stands.

        Args:
            verb: what made the next one; a renewal decides the one that was waited for.
        """
        rows = self._session.execute(
            select(_MARK.c.mark, _MARK.c.reference).where(
                _MARK.c.license_id == old_row_id, _MARK.c.until.is_(None)
            )
        ).all()
        if not rows:
            return
        self.clear_all(old_row_id, at)
        for row in rows:
            # A version says which conditions are still open, and is marked for those itself.
            own = row.mark == LicenseMark.CONDITIONAL.value
            decided = row.mark == LicenseMark.RENEWAL_PENDING.value and verb == RENEWAL
            if not own and not decided:
                self.set(new_row_id, LicenseMark(row.mark), at, row.reference)

    def clear_all(self, license_row_id: int, at: datetime) -> None:
        """End every mark of a license that is over."""
        standing = (_MARK.c.license_id == license_row_id) & _MARK.c.until.is_(None)
        self._writing.change_rows(update(_MARK).where(standing).values(until=at))

    def _line(self, license_row_id: int) -> list[int]:
        """Return a license and the versions after it, in their order."""
        line = [license_row_id]
        while True:
            after = self._session.execute(_AFTER, {"row_id": line[-1]}).scalar()
            if after is None:
                return line
            line.append(after)

    def _license_changed(self, license_row_id: int, at: datetime) -> None:
        """Status lists and entity tags look at when a license last changed."""
        self._writing.change_rows(
            update(_LICENSE).where(_LICENSE.c.id == license_row_id).values(changed_at=at)
        )
