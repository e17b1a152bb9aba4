"""The outbox: what happened is written down in the transaction in which it happens.

So nothing is told that did not happen, and nothing that happened is forgotten (docs/adr/0045).
Who is told what is decided later, from these rows. Nothing personal stands in them: whoever is
told asks for the license, and says what for.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Insert, bindparam, insert, select

from license_vault.database.columns import table_of
from license_vault.database.event_tables import OutboxRow
from license_vault.database.sessions import Writing
from license_vault.database.tables import LicenseRow

LICENSE = "license:"
STATE = "state"
"""The member of ``data`` by which a license changed: the upper directory is told of it again."""

_OUTBOX = table_of(OutboxRow)
_LICENSE = table_of(LicenseRow)

_COLUMNS = (
    "kind",
    "subject",
    "license_id",
    "organisation_id",
    "type_code",
    "data",
    "recorded_at",
)


def _insert_of_license(found_by: str) -> Insert:
    """Return an INSERT that takes from the license's row whose it is."""
    taken = select(
        bindparam("kind", type_=_OUTBOX.c.kind.type),
        bindparam("prefix", LICENSE, type_=_OUTBOX.c.subject.type) + _LICENSE.c.identifier,
        _LICENSE.c.id,
        _LICENSE.c.authority_id,
        _LICENSE.c.type_code,
        bindparam("data", type_=_OUTBOX.c.data.type),
        bindparam("recorded_at", type_=_OUTBOX.c.recorded_at.type),
    ).where(_LICENSE.c[found_by] == bindparam("license"))
    return insert(_OUTBOX).from_select(_COLUMNS, taken)


_BY_KEY = _insert_of_license("id")
_BY_IDENTIFIER = _insert_of_license("identifier")


class Outbox:
    """Adds to the outbox, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        self._session = session

    def add(self, kind: str, subject: str, data: Mapping[str, str], at: datetime) -> None:
        """Write down that something happened.

        Args:
            kind: as "license.expiring"; lower case, with dots.
            subject: what it happened to, as "license:IDENTIFIER": then whoever may see the
                license is told. Of anything else nobody is told, as long as nobody owns it.
            data: texts without anything personal.
        """
        if subject.startswith(LICENSE):
            values = _values(kind, data, at)
            self._session.execute(_BY_IDENTIFIER, {**values, "license": subject[len(LICENSE) :]})
            return
        self._session.add_row(_OUTBOX, subject=subject, **_values(kind, data, at))

    def add_for_organisation(
        self, kind: str, subject: str, organisation_id: int, data: Mapping[str, str], at: datetime
    ) -> None:
        """Write down that something happened that an organisation and those above are told of."""
        self._session.add_row(
            _OUTBOX, subject=subject, organisation_id=organisation_id, **_values(kind, data, at)
        )

    def add_of_license(
        self, kind: str, license_row_id: int, data: Mapping[str, str], at: datetime
    ) -> None:
        """Write down that something happened to the license with this row."""
        self._session.execute(_BY_KEY, {**_values(kind, data, at), "license": license_row_id})


def written(at: datetime) -> str:
    """Return an instant as events tell it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _values(kind: str, data: Mapping[str, str], at: datetime) -> dict[str, object]:
    written = json.dumps(dict(data), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return {"kind": kind, "data": written, "recorded_at": at}
