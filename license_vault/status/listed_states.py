"""What the rows say of the licenses of a list: all of them, or those changed since an instant.

One code a license, as ``license.status_code`` gives it. Nothing is signed here.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, select

from license_vault.database.columns import table_of
from license_vault.database.lifecycle_tables import LicenseMarkRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import LicenseRow
from license_vault.license import LicenseMark, LicenseStatus, status_code
from license_vault.status.shards import StatusShard

_LICENSE = table_of(LicenseRow)
_MARK = table_of(LicenseMarkRow)
_VALID = LicenseStatus.VALID.value


class ListedStates:
    """Reads the states of a list's licenses."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def whole(self, shard: StatusShard) -> bytes:
        """Return all states as they are now, one code an index."""
        return with_codes(bytes(shard.length), self._codes(shard))

    def changed_since(self, shard: StatusShard, since: datetime) -> dict[int, int]:
        """Return the code of every license that a change is recorded of since then, by index."""
        return self._codes(shard, _LICENSE.c.changed_at >= since)

    def _codes(self, shard: StatusShard, *wanted: ColumnElement[bool]) -> dict[int, int]:
        of_shard = (_LICENSE.c.status_shard_id == shard.row_id, *wanted)
        rows = self._session.execute(
            select(_LICENSE.c.status_index, _LICENSE.c.status).where(*of_shard)
        )
        plain = {status.value: status_code(status) for status in LicenseStatus}
        found: dict[int, str] = {index: status for index, status in rows}
        codes = {index: plain[status] for index, status in found.items()}
        for index, marks in self._marked(of_shard).items():
            if found.get(index) == _VALID:
                codes[index] = status_code(LicenseStatus.VALID, marks)
        return codes

    def _marked(self, of_shard: Iterable[ColumnElement[bool]]) -> dict[int, set[LicenseMark]]:
        """Return the marks that stand, by the index of their license."""
        rows = self._session.execute(
            select(_LICENSE.c.status_index, _MARK.c.mark)
            .join(_LICENSE, _LICENSE.c.id == _MARK.c.license_id)
            .where(*of_shard, _MARK.c.until.is_(None))
        )
        found: dict[int, set[LicenseMark]] = {}
        for index, mark in rows:
            found.setdefault(index, set()).add(LicenseMark(mark))
        return found


def with_codes(states: bytes, codes: dict[int, int]) -> bytes:
    """Return states with some of them changed; as many more as the indices need."""
    changed = bytearray(states.ljust(max(codes, default=-1) + 1, b"\0"))
    for index, code in codes.items():
        changed[index] = code
    return bytes(changed)
