"""Webhook subscriptions of organisations; all SQL about them.

A subscription belongs to an organisation and is told of what concerns that organisation and those
below it, of the license types it names. Address and secret are kept wrapped under ``vault-kek``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from keys.provider import KeyProvider
from license_vault.database.columns import table_of
from license_vault.database.event_tables import WebhookRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import OrganisationRow
from license_vault.events.errors import WebhookStateError, WebhookUnknownError
from license_vault.events.signatures import new_secret
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import new_handle

FAILURES_TO_ALARM = 5
"""So many tries that failed in a row, of whatever deliveries, raise the alarm."""

_KEK = "vault-kek"
_HOOK = table_of(WebhookRow)
_ORG = table_of(OrganisationRow)
_HOOKS = select(_HOOK, _ORG.c.code.label("organisation_code")).join(
    _ORG, _ORG.c.id == _HOOK.c.organisation_id
)


class WebhookState(StrEnum):
    """Whether a subscription is told anything; disabled: its receiver answered 410."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class WebhookWish:
    """What somebody wants to be told: no kinds are all kinds, no types are all types."""

    url: str = field(repr=False)
    kinds: tuple[str, ...]
    type_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription, open."""

    row_id: int
    number: str
    organisation_id: int
    organisation_code: str
    wish: WebhookWish
    secret: str = field(repr=False)
    state: WebhookState
    failures: int
    alarmed_at: datetime | None
    added_at: datetime

    def wants(self, kind: str, type_code: str | None) -> bool:
        """Tell whether it is to be told of a kind about a license type."""
        kinds, types = self.wish.kinds, self.wish.type_codes
        return (not kinds or kind in kinds) and (not types or type_code in types)


class Webhooks:
    """Looks subscriptions up."""

    def __init__(self, session: Reading, keys: KeyProvider) -> None:
        self._session = session
        self._keys = keys

    def of(self, organisation_code: str) -> tuple[Webhook, ...]:
        """Return an organisation's subscriptions in the order they were added."""
        rows = self._session.execute(
            _HOOKS.where(_ORG.c.code == organisation_code)
            .where(_HOOK.c.state != WebhookState.REMOVED.value)
            .order_by(_HOOK.c.id)
        )
        return tuple(map(self._open, rows))

    def get(self, number: str, organisation_code: str) -> Webhook:
        """Return one of an organisation's subscriptions.

        Raises:
            WebhookUnknownError: there is none with this number, or it was removed.
        """
        for found in self.of(organisation_code):
            if found.number == number:
                return found
        raise WebhookUnknownError(number)

    def active(self) -> tuple[Webhook, ...]:
        """Return everybody's subscriptions that are told anything."""
        rows = self._session.execute(_HOOKS.where(_HOOK.c.state == WebhookState.ACTIVE.value))
        return tuple(map(self._open, rows))

    def _open(self, row: "Row[Any]") -> Webhook:
        url, secret = (
            self._keys.unwrap(_KEK, sealed, _context(row.number, what)).decode()
            for what, sealed in (("url", row.sealed_url), ("secret", row.sealed_secret))
        )
        return Webhook(
            row_id=row.id,
            number=row.number,
            organisation_id=row.organisation_id,
            organisation_code=row.organisation_code,
            wish=WebhookWish(url, tuple(row.kinds.split()), tuple(row.type_codes.split())),
            secret=secret,
            state=WebhookState(row.state),
            failures=row.failures,
            alarmed_at=row.alarmed_at,
            added_at=row.added_at,
        )


class WebhookWriter(Webhooks):
    """Adds subscriptions, removes them, and counts what failed."""

    def __init__(self, session: Writing, keys: KeyProvider) -> None:
        super().__init__(session, keys)
        self._writing = session

    def add(
        self,
        organisation_code: str,
        wish: WebhookWish,
        by: str,
        random_bytes: Callable[[int], bytes],
        at: datetime,
    ) -> Webhook:
        """Add a subscription with a secret of its own.

        Raises:
            OrganisationUnknownError: there is no such organisation.
        """
        organisation = Authorities(self._session).get(organisation_code)
        number, secret = new_handle(random_bytes), new_secret(random_bytes)
        self._writing.add_row(
            _HOOK,
            number=number,
            organisation_id=organisation.row_id,
            sealed_url=self._sealed(number, "url", wish.url),
            sealed_secret=self._sealed(number, "secret", secret),
            kinds=" ".join(wish.kinds),
            type_codes=" ".join(wish.type_codes),
            state=WebhookState.ACTIVE.value,
            failures=0,
            added_by=by,
            added_at=at,
            changed_at=at,
        )
        return self.get(number, organisation_code)

    def activate(self, webhook: Webhook, at: datetime) -> None:
        """Tell a disabled subscription again; its failures are forgotten.

        Raises:
            WebhookStateError: it is active.
        """
        if not self._move(webhook, WebhookState.DISABLED, WebhookState.ACTIVE, at):
            raise WebhookStateError(webhook.state.value, "activation")

    def disable(self, webhook: Webhook, at: datetime) -> bool:
        """Tell an active subscription nothing more; False if it was not active."""
        return self._move(webhook, WebhookState.ACTIVE, WebhookState.DISABLED, at)

    def remove(self, webhook: Webhook, at: datetime) -> None:
        """Forget a subscription; what was told it stays on record."""
        self._move(webhook, webhook.state, WebhookState.REMOVED, at)

    def succeeded(self, row_id: int) -> None:
        """Count from nothing again: a try was answered as it should be."""
        self._writing.change_rows(
            update(_HOOK)
            .where(_HOOK.c.id == row_id, _HOOK.c.failures > 0)
            .values(failures=0, alarmed_at=None)
        )

    def failed(self, row_id: int, at: datetime) -> bool:
        """Count a try that failed; True when this one raises the alarm."""
        one = _HOOK.c.id == row_id
        self._writing.change_rows(update(_HOOK).where(one).values(failures=_HOOK.c.failures + 1))
        alarmed = update(_HOOK).where(one, _HOOK.c.failures >= FAILURES_TO_ALARM)
        quiet = alarmed.where(_HOOK.c.alarmed_at.is_(None))
        return self._writing.change_rows(quiet.values(alarmed_at=at)) == 1

    def _move(self, webhook: Webhook, old: WebhookState, new: WebhookState, at: datetime) -> bool:
        moved = (
            update(_HOOK)
            .where(_HOOK.c.id == webhook.row_id, _HOOK.c.state == old.value)
            .values(state=new.value, changed_at=at, failures=0, alarmed_at=None)
        )
        return self._writing.change_rows(moved) == 1

    def _sealed(self, number: str, what: str, text: str) -> bytes:
        return self._keys.wrap(_KEK, text.encode(), _context(number, what))


def _context(number: str, what: str) -> bytes:
    return f"license-vault/1\0webhook\0{number}\0{what}".encode()
