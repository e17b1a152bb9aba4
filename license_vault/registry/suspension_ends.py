"""When suspensions (暂扣) that were ordered with a last day are over, from the events; the SQL.

The end is an event that was recorded with the order (``lifecycle.suspensions``). It holds as long
as nothing was recorded after it that counts when it comes.
"""

from datetime import datetime

from sqlalchemy import Select, exists, func, select

from license_vault.database.tables import LicenseEventRow, LicenseRow, table_of
from license_vault.lifecycle.verbs import SUSPENSION_OVER

_LICENSE = table_of(LicenseRow)
_EVENT = table_of(LicenseEventRow)
_LATER = _EVENT.alias("later")
_OUTRANKED = exists().where(
    _LATER.c.license_id == _EVENT.c.license_id,
    _LATER.c.id > _EVENT.c.id,
    _LATER.c.effective_from <= _EVENT.c.effective_from,
)


def ends_of_suspensions() -> "Select[tuple[int, datetime]]":
    """Return a query of licenses' rows, each with the first end that will count, as ``over``.

    Joined with the license; ends that are past are to be left out by who asks.
    """
    return (
        select(_EVENT.c.license_id, func.min(_EVENT.c.effective_from).label("over"))
        .join(_LICENSE, _LICENSE.c.id == _EVENT.c.license_id)
        .where(_EVENT.c.kind == SUSPENSION_OVER, ~_OUTRANKED)
        .group_by(_EVENT.c.license_id)
    )
