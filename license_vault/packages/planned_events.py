"""Events that are recorded beforehand: what a license comes to by itself because of its members.

Of the events in effect the one recorded last counts (ADR 0016). So whoever records another one
records these again after it, as far as they still hold.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from license_vault.database.columns import table_of
from license_vault.database.sessions import Writing
from license_vault.database.tables import LicenseRow
from license_vault.packages.condition_registry import Conditions
from license_vault.packages.part_registry import Parts
from license_vault.packages.schedule import BY_ITSELF, OPERATE_TYPES, Planned, plan_ahead
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.writing import NewEvent, RegistryWriter

_LICENSE = table_of(LicenseRow)


class PlannedEvents:
    """Records what will happen to one license; ``record_key`` is that of its record, open."""

    def __init__(self, session: Writing, opener: LicenseOpener, record_key: bytes) -> None:
        self._session = session
        self._opener = opener
        self._key = record_key

    def plan_again(
        self,
        license_row_id: int,
        identifier: str,
        now: datetime,
        others: Sequence[NewEvent] = (),
    ) -> None:
        """Record what will happen from now on, by the conditions and parts as they are.

        Args:
            others: what waits for its day besides, to be recorded again in its place.
        """
        conditions = Conditions(self._session).of_license(license_row_id)
        parts = Parts(self._session).of_license(identifier)
        planned = [
            self._event(each, identifier, now) for each in plan_ahead(conditions, parts, now)
        ]
        # Of two in effect the one recorded last counts, so they are recorded in their order.
        events = sorted([*others, *planned], key=lambda event: event.effective_from)
        for event in events:
            RegistryWriter(self._session).add_event(license_row_id, event)
        if events:
            self._look_again(license_row_id, events[0].effective_from)

    def _event(self, planned: Planned, identifier: str, now: datetime) -> NewEvent:
        return NewEvent(
            kind=planned.kind,
            status=planned.status,
            actor=BY_ITSELF,
            effective_from=planned.at,
            recorded_at=now,
            sealed_basis=self._opener.sealed_basis(self._key, identifier, Basis(planned.basis)),
            operate_type=OPERATE_TYPES[planned.status],
        )

    def _look_again(self, license_row_id: int, at: datetime) -> None:
        """Have the license's status looked at then, if not earlier."""
        sooner = _LICENSE.c.due_at.is_(None) | (_LICENSE.c.due_at > at)
        self._session.change_rows(
            update(_LICENSE).where(_LICENSE.c.id == license_row_id, sooner).values(due_at=at)
        )
