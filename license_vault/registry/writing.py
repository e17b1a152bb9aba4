"""Licenses in the database, written: intents, their outcome, changes of status, and events.

Check and write are one statement wherever two could be at it, and its row count decides. Every
change of status adds the event it is the projection of, in the same session. Never commits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from license_vault.database.sessions import Writing
from license_vault.database.tables import (
    IdempotencyRow,
    LicenseEventRow,
    LicenseFormRow,
    LicenseHolderRow,
    LicenseRow,
    LicenseSealRow,
    ObjectKeyRow,
    table_of,
)
from license_vault.errors import LicenseNotFoundError, TransitionNotAllowedError
from license_vault.events.outbox import Outbox, written
from license_vault.license import ALLOWED_TRANSITIONS, LicenseStatus
from license_vault.registry.intents import (
    FIRST_VERSION,
    Intent,
    IntentKey,
    IntentRows,
    NewEvent,
    RequestMark,
    Succession,
    form_values,
    intent_values,
)
from license_vault.registry.records import FormRecord
from license_vault.registry.registry import Registry

__all__ = [
    "FIRST_VERSION",
    "Intent",
    "IntentKey",
    "IntentRows",
    "NewEvent",
    "RegistryWriter",
    "RequestMark",
    "Succession",
]

_LICENSE = table_of(LicenseRow)
_ISSUING = LicenseStatus.ISSUING.value
# Nobody outside is told of a license that is not there yet, or never was.
_UNTOLD = frozenset({LicenseStatus.ISSUING, LicenseStatus.VOID})

_LOCKED_STATUS = (
    select(_LICENSE.c.status).where(_LICENSE.c.id == bindparam("row_id")).with_for_update()
)
_ENDED = (
    update(_LICENSE)
    .where(_LICENSE.c.id == bindparam("row_id"), _LICENSE.c.status == _ISSUING)
    .values(
        status=bindparam("new_status"),
        changed_at=bindparam("changed_at"),
        due_at=bindparam("due"),
        claimed_at=None,
    )
)


class RegistryWriter(Registry):
    """Changes licenses, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    @property
    def writing(self) -> Writing:
        """Return the session, for what else is written in it."""
        return self._writing

    def locked_status(self, row_id: int) -> LicenseStatus:
        """Return the status that a license has until this session ends, whoever else writes."""
        found = self._session.execute(_LOCKED_STATUS, {"row_id": row_id}).scalar_one()
        return LicenseStatus(found)

    def record_intent(self, intent: Intent, rows: IntentRows, event: NewEvent) -> int:
        """Record that a license is going to be issued; from here its identifier is spent.

        The request that asks for it, or for its group, is remembered beside it.

        Returns:
            The key of the license's row.

        Raises:
            RowConflictError: number, case, index, identifier or predecessor are taken.
        """
        row_id = self._writing.add_row(_LICENSE, **intent_values(intent, rows))
        self._writing.add_rows(
            table_of(LicenseHolderRow),
            [
                {"license_id": row_id, "holder_id": holder_id, "position": position}
                for position, holder_id in enumerate(rows.holder_ids)
            ],
        )
        if intent.seal_ids:
            self._writing.add_rows(
                table_of(LicenseSealRow),
                [
                    {"license_id": row_id, "position": position, "seal_id": seal_id}
                    for position, seal_id in enumerate(intent.seal_ids)
                ],
            )
        self._writing.add_rows(
            table_of(ObjectKeyRow),
            [
                {
                    "license_id": row_id,
                    "purpose": key.purpose,
                    "holder_id": rows.holder_ids[key.position],
                    "key_version": key.key_version,
                    "wrapped_key": key.wrapped,
                }
                for key in intent.keys
            ],
        )
        self._add_event(row_id, event)
        return row_id

    def remember_request(self, row_id: int, mark: RequestMark, at: datetime) -> None:
        """Keep for ever that a request about a license came under an Idempotency-Key.

        Raises:
            RowConflictError: another request was first with the key.
        """
        self._writing.add_rows(
            table_of(IdempotencyRow),
            [
                {
                    "caller": mark.caller,
                    "key_mac": mark.key_mac,
                    "body_sm3": mark.body_sm3,
                    "license_id": row_id,
                    "recorded_at": at,
                }
            ],
        )

    def claim(self, row_id: int, stale_before: datetime, at: datetime) -> bool:
        """Say that somebody is at work on an ISSUING license; False if another one is."""
        abandoned = _LICENSE.c.claimed_at.is_(None) | (_LICENSE.c.claimed_at <= stale_before)
        claimed = (
            update(_LICENSE)
            .where(_LICENSE.c.id == row_id, _LICENSE.c.status == _ISSUING, abandoned)
            .values(claimed_at=at)
        )
        return self._writing.change_rows(claimed) == 1

    def release(self, row_id: int) -> None:
        """Say that nobody is at work on an ISSUING license any more: it may be finished."""
        self._writing.change_rows(
            update(_LICENSE)
            .where(_LICENSE.c.id == row_id, _LICENSE.c.status == _ISSUING)
            .values(claimed_at=None)
        )

    def end_issuing(
        self,
        row_id: int,
        event: NewEvent,
        forms: Sequence[FormRecord] = (),
        due_at: datetime | None = None,
    ) -> bool:
        """End an ISSUING license as VALID or PENDING, with its files, or as VOID, without.

        Args:
            due_at: when the status has to be looked at again.

        Returns:
            False if it is ended already.

        Raises:
            RowConflictError: another version of the number came into force meanwhile.
        """
        ended = {
            "row_id": row_id,
            "new_status": event.status.value,
            "changed_at": event.recorded_at,
            "due": due_at,
        }
        if self._writing.change_rows(_ENDED, ended) == 0:
            return False
        if forms:
            rows = [form_values(row_id, form) for form in forms]
            self._writing.add_rows(table_of(LicenseFormRow), rows)
        self._add_event(row_id, event)
        return True

    def change_status(
        self, identifier: str, event: NewEvent, due_at: datetime | None = None
    ) -> None:
        """Move a license to another status, if its present one allows it.

        Args:
            due_at: when the status has to be looked at again.

        Raises:
            LicenseNotFoundError: there is no such license.
            TransitionNotAllowedError: its status has no arrow to the wanted one.
            RowConflictError: another license of the number is in force.
        """
        may_leave = [
            status for status, after in ALLOWED_TRANSITIONS.items() if event.status in after
        ]
        values = {"status": event.status.value, "changed_at": event.recorded_at, "due_at": due_at}
        self._add_event(self._changed(identifier, event.status, may_leave, values), event)

    def touch(
        self,
        identifier: str,
        while_in: Sequence[LicenseStatus],
        at: datetime,
        due_at: datetime | None,
    ) -> int:
        """Note that something else of a license changed while its status stays; return its row.

        Args:
            while_in: the statuses of which it must have one.
            due_at: when the status has to be looked at again.

        Raises:
            LicenseNotFoundError: there is no such license.
            TransitionNotAllowedError: it has none of those statuses.
        """
        values: dict[str, object] = {"changed_at": at, "due_at": due_at}
        return self._changed(identifier, None, while_in, values)

    def _changed(
        self,
        identifier: str,
        wanted: LicenseStatus | None,
        may_leave: Sequence[LicenseStatus],
        values: Mapping[str, object],
    ) -> int:
        found = self._session.execute(
            select(_LICENSE.c.id, _LICENSE.c.status).where(_LICENSE.c.identifier == identifier)
        ).first()
        if found is None:
            raise LicenseNotFoundError(identifier)
        moved = self._writing.change_rows(
            update(_LICENSE)
            .where(_LICENSE.c.id == found.id)
            .where(_LICENSE.c.status.in_([status.value for status in may_leave]))
            .values(**values)
        )
        if moved == 0:
            now = self._session.execute(select(_LICENSE.c.status).where(_LICENSE.c.id == found.id))
            current = now.scalar_one()
            raise TransitionNotAllowedError(
                identifier, current, wanted.value if wanted else current
            )
        return int(found.id)

    def add_event(self, row_id: int, event: NewEvent) -> None:
        """Record an event that takes effect later, or changes no status.

        The status that a license has now is moved by ``change_status`` only.
        """
        self._add_event(row_id, event)

    def _add_event(self, row_id: int, event: NewEvent) -> None:
        self._writing.add_rows(
            table_of(LicenseEventRow),
            [
                {
                    "license_id": row_id,
                    "recorded_at": event.recorded_at,
                    "effective_from": event.effective_from,
                    "kind": event.kind,
                    "status": event.status.value,
                    "actor": event.actor,
                    "sealed_basis": event.sealed_basis,
                    "operate_type": event.operate_type,
                }
            ],
        )
        if event.status not in _UNTOLD:
            told = {"state": event.status.value, "effective_from": written(event.effective_from)}
            kind = f"license.{event.kind}"
            Outbox(self._writing).add_of_license(kind, row_id, told, event.recorded_at)
