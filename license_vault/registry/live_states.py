"""The live state of a place in a status list, from the events: what our own nodes answer from.

Everybody else reads the signed lists (``status.publication``), which say what this said when they
were made.
"""

from datetime import datetime

from sqlalchemy import bindparam, select

from license_vault.database.lifecycle_tables import LicenseMarkRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import LicenseEventRow, LicenseRow, StatusShardRow, table_of
from license_vault.license import LicenseMark, LicenseStatus, in_order
from license_vault.registry.suspension_ends import ends_of_suspensions

_LICENSE = table_of(LicenseRow)
_EVENT = table_of(LicenseEventRow)
_SHARD = table_of(StatusShardRow)
_MARK = table_of(LicenseMarkRow)

_LAST_EVENT = (
    select(_EVENT.c.status)
    .where(_EVENT.c.license_id == _LICENSE.c.id, _EVENT.c.effective_from <= bindparam("at"))
    .order_by(_EVENT.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_STATUS_AS_OF = (
    select(_LICENSE.c.id, _LAST_EVENT.label("status"))
    .join(_SHARD, _SHARD.c.id == _LICENSE.c.status_shard_id)
    .where(_SHARD.c.uri == bindparam("status_uri"))
    .where(_LICENSE.c.status_index == bindparam("index"))
)
_END_AS_OF = (
    ends_of_suspensions()
    .join(_SHARD, _SHARD.c.id == _LICENSE.c.status_shard_id)
    .where(_SHARD.c.uri == bindparam("status_uri"))
    .where(_LICENSE.c.status_index == bindparam("index"))
    .where(_EVENT.c.effective_from > bindparam("at"))
)
_MARKS_AS_OF = (
    select(_MARK.c.mark)
    .join(_LICENSE, _LICENSE.c.id == _MARK.c.license_id)
    .join(_SHARD, _SHARD.c.id == _LICENSE.c.status_shard_id)
    .where(_SHARD.c.uri == bindparam("status_uri"))
    .where(_LICENSE.c.status_index == bindparam("index"))
    .where(_MARK.c.since <= bindparam("at"))
    .where(_MARK.c.until.is_(None) | (_MARK.c.until > bindparam("at")))
)


class LiveStates:
    """Answers for lists of ours."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def as_of(self, status_uri: str, index: int, at: datetime) -> LicenseStatus | None:
        """Return the status that counted at an instant, as we know it now; None: never assigned.

        Of the events in effect by then the one recorded last counts, so a change that was
        dated back is seen in the past too. Before the first, the license was not yet issued.
        """
        values = {"status_uri": status_uri, "index": index, "at": at}
        row = self._session.execute(_STATUS_AS_OF, values).first()
        if row is None:
            return None
        return LicenseStatus.ISSUING if row.status is None else LicenseStatus(row.status)

    def marks_as_of(self, status_uri: str, index: int, at: datetime) -> tuple[LicenseMark, ...]:
        """Return the marks that stood at an instant, as we know it now."""
        values = {"status_uri": status_uri, "index": index, "at": at}
        found = self._session.execute(_MARKS_AS_OF, values).scalars()
        return in_order(map(LicenseMark, found))

    def suspended_until(self, status_uri: str, index: int, at: datetime) -> datetime | None:
        """Return when a suspension that stood at an instant was to be over; None: never said.

        An end that was withdrawn afterwards is none, as we know it now.
        """
        values = {"status_uri": status_uri, "index": index, "at": at}
        row = self._session.execute(_END_AS_OF, values).first()
        return None if row is None else row.over
