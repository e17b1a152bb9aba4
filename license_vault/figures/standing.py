"""How it stands now: the canary, the oldest lists, what is not delivered and not collected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select

from keys.certificate import read_revocation_list
from license_vault.database.columns import table_of
from license_vault.database.event_tables import OutboxRow, WebhookDeliveryRow, WebhookRow
from license_vault.database.partner_tables import PartnerRevocationListRow, PartnerStatusListRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import StatusPublicationRow
from license_vault.database.trust_list_tables import TrustListRow
from license_vault.directory.reports import Figures, Reports
from license_vault.events.deliveries import DEAD, WAITING
from license_vault.figures.canary_runs import CanaryRun, CanaryRuns
from license_vault.registry.authorities import subtree_of
from license_vault.trust.kept_lists import ListState
from license_vault.trust.publication import TrustMaterial

_STATUS, _THEIRS = table_of(StatusPublicationRow), table_of(PartnerStatusListRow)
_REVOKED, _TRUST = table_of(PartnerRevocationListRow), table_of(TrustListRow)
_DELIVERY, _WEBHOOK = table_of(WebhookDeliveryRow), table_of(WebhookRow)
_OUTBOX = table_of(OutboxRow)


class ListKind(StrEnum):
    """Which signed lists grow old."""

    STATUS = "status-list"
    REVOCATION = "revocation-list"
    TRUST = "trust-list"


@dataclass(frozen=True, slots=True)
class ListAge:
    """The list of a kind and a region that is oldest, or that runs out first.

    ``known_at``: when it was made, or when its region said last that none is newer. ``ends_at``:
    until when it counts; None: as long as we ask again.
    """

    kind: ListKind
    region: str
    known_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Webhook deliveries that wait, since when the oldest, and those given up."""

    waiting: int
    oldest_at: datetime | None
    given_up: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that somebody on duty looks at first."""

    canary: CanaryRun | None
    canary_passed: CanaryRun | None
    lists: tuple[ListAge, ...]
    undelivered: Undelivered
    collection: Figures


class StandingNow:
    """Looks it up; what belongs to organisations only of one and those below it."""

    def __init__(self, session: Reading, own_region: str) -> None:
        self._session = session
        self._region = own_region

    def look(self, organisation_code: str, at: datetime) -> Standing:
        """Return how it stands at an instant."""
        runs = CanaryRuns(self._session)
        return Standing(
            canary=runs.last(),
            canary_passed=runs.last_passed(),
            lists=tuple(sorted(self._lists(), key=lambda one: one.known_at)),
            undelivered=self._undelivered(organisation_code),
            collection=Reports(self._session).figures(organisation_code, at),
        )

    def _lists(self) -> Iterator[ListAge]:
        yield from self._own_status_lists()
        theirs = select(_THEIRS.c.region, func.min(_THEIRS.c.checked_at).label("known_at"))
        theirs = theirs.where(_THEIRS.c.superseded_at.is_(None)).group_by(_THEIRS.c.region)
        for row in self._session.execute(theirs):
            yield ListAge(ListKind.STATUS, row.region, row.known_at, None)
        own = tuple(map(read_revocation_list, TrustMaterial(self._session).revocation_lists()))
        if own:
            first = min(own, key=lambda crl: crl.next_update)
            yield ListAge(ListKind.REVOCATION, self._region, first.this_update, first.next_update)
        revoked = select(_REVOKED.c.region, _REVOKED.c.this_update, _REVOKED.c.next_update)
        revoked = revoked.where(_REVOKED.c.superseded_at.is_(None))
        yield from self._first_to_end(ListKind.REVOCATION, revoked.order_by(_REVOKED.c.next_update))
        trust = select(_TRUST.c.region, _TRUST.c.issued_at, _TRUST.c.next_update)
        trust = trust.where(_TRUST.c.state == ListState.ACCEPTED.value)
        yield from self._first_to_end(ListKind.TRUST, trust.order_by(_TRUST.c.sequence.desc()))

    def _own_status_lists(self) -> Iterator[ListAge]:
        newest = select(func.max(_STATUS.c.id)).group_by(_STATUS.c.shard_id)
        row = self._session.execute(
            select(_STATUS.c.issued_at, _STATUS.c.next_update)
            .where(_STATUS.c.id.in_(newest))
            .order_by(_STATUS.c.next_update)
            .limit(1)
        ).first()
        if row is not None:
            yield ListAge(ListKind.STATUS, self._region, row.issued_at, row.next_update)

    def _first_to_end(self, kind: ListKind, wanted: Select[Any]) -> Iterator[ListAge]:
        """Yield the first row of each region."""
        seen: set[str] = set()
        for region, known_at, ends_at in self._session.execute(wanted):
            if region not in seen:
                seen.add(region)
                yield ListAge(kind, region, known_at, ends_at)

    def _undelivered(self, organisation_code: str) -> Undelivered:
        state = _DELIVERY.c.state
        row = self._session.execute(
            select(
                func.count().filter(state == WAITING).label("waiting"),
                func.min(_OUTBOX.c.recorded_at).filter(state == WAITING).label("oldest_at"),
                func.count().filter(state == DEAD).label("given_up"),
            )
            .select_from(
                _DELIVERY.join(_WEBHOOK, _WEBHOOK.c.id == _DELIVERY.c.webhook_id).join(
                    _OUTBOX, _OUTBOX.c.id == _DELIVERY.c.outbox_id
                )
            )
            .where(state.in_((WAITING, DEAD)))
            .where(_WEBHOOK.c.organisation_id.in_(select(subtree_of(organisation_code).c.id)))
        ).one()
        return Undelivered(row.waiting, row.oldest_at, row.given_up)
