"""Moving statuses on the day they are due: a version comes into force, a license lapses.

What is due was recorded before, or stands in the license as its last day; nobody decides here. It
may run at any time, on any node and on several at once: each license is looked at under its row's
lock, and what was settled already is left. So reading may begin with it, and is right even where
the task that does it every minute does not run.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from license_vault.audit import Act, AuditWriter
from license_vault.clock import lapses_at
from license_vault.database.sessions import Database, Writing
from license_vault.database.tables import LicenseRow, table_of
from license_vault.errors import RowConflictError
from license_vault.events.outbox import Outbox, written
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.lifecycle.states import LAPSING, event_as_of, has_lapsed, next_due
from license_vault.lifecycle.verbs import operate_type_of
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.marks import MarkWriter
from license_vault.registry.records import EventRecord, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import NewEvent, RegistryWriter
from license_vault.vault import RECORD, Vault

ACTOR: Final = "license-vault"
CANNOT_SETTLE: Final = "license.cannot-settle"
LAPSE_BASIS: Final = Basis("有效期届满未延续。《中华人民共和国行政许可法》第七十条第（一）项")

_LICENSE = table_of(LicenseRow)
_PAGE: Final = 100
_DUE = (
    select(_LICENSE.c.id, _LICENSE.c.identifier)
    .where(_LICENSE.c.due_at <= bindparam("now"), _LICENSE.c.id > bindparam("after"))
    .order_by(_LICENSE.c.id)
    .limit(_PAGE)
)
_IS_DUE = select(_LICENSE.c.id).where(_LICENSE.c.due_at <= bindparam("now")).limit(1)
_log = logging.getLogger("license_vault.settling")


@dataclass(frozen=True, slots=True)
class _Looked:
    """A license under its lock, with what happened to it."""

    license: LicenseRecord
    events: tuple[EventRecord, ...]
    lapses: datetime | None


class Settling:
    """Settles what is due. Made once, used by all threads."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._opener = LicenseOpener(vault)
        self._seen_at: datetime | None = None

    def settle(self, now: datetime) -> int:
        """Settle everything that is due; return how many licenses were looked at.

        Asked again within the same second it does nothing: what is due is due by whole seconds.
        """
        if self._seen_at == now:
            return 0
        with self._database.reading() as session:
            due = session.execute(_IS_DUE, {"now": now}).first() is not None
        done = self._settle_all(now) if due else 0
        self._seen_at = now
        return done

    def _settle_all(self, now: datetime) -> int:
        done, after = 0, 0
        while True:
            with self._database.reading() as session:
                due = session.execute(_DUE, {"now": now, "after": after}).all()
            for row in due:
                done += self._settle_alone(row.identifier, now)
            if len(due) < _PAGE:
                return done
            after = due[-1].id

    def _settle_alone(self, identifier: str, now: datetime) -> int:
        """Settle one license in a transaction of its own; one that cannot be is left and told."""
        try:
            with self._database.writing() as session:
                self.settle_one(session, identifier, now)
        except RowConflictError as error:
            self._alarm(identifier, error.constraint, now)
            return 0
        return 1

    def _alarm(self, identifier: str, constraint: str, now: datetime) -> None:
        """Tell once, in the log, the audit chain and the outbox, that a license stays due."""
        with self._database.writing() as session:
            row_id = Registry(session).get(identifier).row_id
            RegistryWriter(session).locked_status(row_id)
            license_ = Registry(session).get(identifier)
            if license_.due_at is None or license_.due_at > now:
                return
            due = written(license_.due_at)
            trail = AuditWriter(session).of_subject(identifier)
            told = [one.act.details["due_at"] for one in trail if one.act.action == CANNOT_SETTLE]
            if due in told:
                return
            details = {"due_at": due}
            Outbox(session).add_of_license(CANNOT_SETTLE, row_id, details, now)
            AuditWriter(session).append(Act(ACTOR, CANNOT_SETTLE, identifier, details, now))
        fields = {"license": identifier, "constraint": constraint}
        _log.error("cannot be settled", extra={"fields": fields})

    def settle_one(self, session: Writing, identifier: str, now: datetime) -> None:
        """Settle a license, and before it the one it follows, in a session that is committed.

        Raises:
            RowConflictError: another license of its number is in force.
        """
        license_ = Registry(session).get(identifier)
        if license_.predecessor_id is not None and license_.status is LicenseStatus.PENDING:
            self._settle_row(session, str(license_.predecessor), now)
        self._settle_row(session, identifier, now)

    def _settle_row(self, session: Writing, identifier: str, now: datetime) -> None:
        registry = RegistryWriter(session)
        registry.locked_status(registry.get(identifier).row_id)
        license_ = registry.get(identifier)
        if license_.due_at is None or license_.due_at > now:
            return
        waits = LicenseMark.RENEWAL_PENDING in license_.marks
        lapses = None if waits else lapses_at(license_.valid_until)
        looked = _Looked(license_, registry.events(identifier), lapses)
        counts = event_as_of(looked.events, now)
        status = license_.status if counts is None else counts.status
        if has_lapsed(status, lapses, now) and lapses is not None:
            self._lapse(session, looked, now)
            status = LicenseStatus.LAPSED
        due = next_due(looked.events, status, lapses, now)
        session.change_rows(
            update(_LICENSE)
            .where(_LICENSE.c.id == license_.row_id)
            .values(status=status.value, changed_at=now, due_at=due)
        )
        if status is license_.status:
            return
        _pass_on_marks(session, license_, status, now)
        if status is not LicenseStatus.LAPSED:
            # Of a lapse the event itself tells; what was scheduled is told again when it comes.
            told = {"state": status.value, "effective_from": written(now)}
            Outbox(session).add_of_license("license.settled", license_.row_id, told, now)
        details = {"from": license_.status.value, "to": status.value}
        AuditWriter(session).append(Act(ACTOR, "license.settled", identifier, details, now))

    def _lapse(self, session: Writing, looked: _Looked, now: datetime) -> None:
        """Record that its last day has ended a license."""
        registry, license_ = RegistryWriter(session), looked.license
        lapses = looked.lapses or now
        kept = registry.kept(license_.identifier)
        key = self._opener.key(kept, RECORD)
        event = NewEvent(
            kind="lapsed",
            status=LicenseStatus.LAPSED,
            actor=ACTOR,
            effective_from=lapses,
            recorded_at=now,
            sealed_basis=self._opener.sealed_basis(key, license_.identifier, LAPSE_BASIS),
            operate_type=operate_type_of("lapsed"),
        )
        registry.add_event(license_.row_id, event)


def _pass_on_marks(
    session: Writing, license_: LicenseRecord, status: LicenseStatus, now: datetime
) -> None:
    """Let a version that comes into force take over the marks of the one before."""
    marks = MarkWriter(session)
    if license_.status is LicenseStatus.PENDING and license_.predecessor_id is not None:
        marks.carry_over(license_.predecessor_id, license_.row_id, now, license_.origin)
    elif status not in LAPSING and license_.successor is None:
        marks.clear_all(license_.row_id, now)
