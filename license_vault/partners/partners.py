"""Which regions are our partners, and under which addresses they may be called; all SQL.

A region becomes a partner when two people accepted its first trust list (``license_vault.trust``
calls ``accept``), never by anything that a document or a partner says. What its accepted list
says later, signed by its root keys, may add addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.partner_tables import PartnerRow
from license_vault.database.sessions import Reading, Writing
from license_vault.events.errors import AddressRefusedError
from license_vault.partners.errors import PartnerSuspendedError, PartnerUnknownError
from license_vault.partners.web import Origin, origin_of

MAX_FURTHER_URLS = 8
_PARTNER = table_of(PartnerRow)


class PartnerState(StrEnum):
    """Whether a partner is called and answered."""

    ACCEPTED = "accepted"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner region; ``url`` is its address without a slash at the end."""

    region: str
    name: str
    url: str
    further_urls: tuple[str, ...]
    state: PartnerState
    added_at: datetime

    @property
    def urls(self) -> tuple[str, ...]:
        """Return all its addresses, the one to try first before others."""
        return tuple(dict.fromkeys((self.url, *self.further_urls)))

    @property
    def is_accepted(self) -> bool:
        """Say whether it is called and answered."""
        return self.state is PartnerState.ACCEPTED


class Partners:
    """Looks partners up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def all(self) -> tuple[Partner, ...]:
        """Return every partner, suspended ones too, in the order of their codes."""
        rows = self._session.execute(select(_PARTNER).order_by(_PARTNER.c.region))
        return tuple(map(_partner, rows))

    def accepted(self) -> tuple[Partner, ...]:
        """Return the partners that are called and answered."""
        return tuple(partner for partner in self.all() if partner.is_accepted)

    def find(self, region: str) -> Partner | None:
        """Return a partner by its code, suspended or not; None if it is none."""
        row = self._session.execute(_by_region(region)).first()
        return None if row is None else _partner(row)

    def get(self, region: str) -> Partner:
        """Return a partner that is called and answered.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: each as named.
        """
        found = self.find(region)
        if found is None:
            raise PartnerUnknownError(region)
        if not found.is_accepted:
            raise PartnerSuspendedError(region)
        return found

    def origins(self) -> frozenset[Origin]:
        """Return the allow-list: whom this node may call."""
        return frozenset(origin_of(url) for partner in self.accepted() for url in partner.urls)


class PartnerWriter(Partners):
    """Changes which partners there are. The caller writes the audit."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def accept(self, region: str, url: str, by: Iterable[str], at: datetime) -> None:
        """Make a region a partner, or give a partner another address.

        Args:
            url: where it is called, as those typed it who accepted its list.
            by: who they are.

        Raises:
            AddressRefusedError: the address cannot be one.
        """
        base = url.rstrip("/")
        origin_of(base)
        changed = update(_PARTNER).where(_PARTNER.c.region == region)
        values = {"url": base, "state": PartnerState.ACCEPTED.value, "changed_at": at}
        if self._writing.change_rows(changed.values(**values)) == 0:
            self._writing.add_row(
                _PARTNER,
                region=region,
                name=region,
                further_urls="",
                added_by=" ".join(by),
                added_at=at,
                **values,
            )

    def move(self, region: str, urls: Iterable[str], at: datetime) -> None:
        """Note the addresses that a partner's accepted trust list gives; broken ones are left."""
        usable = [url.rstrip("/") for url in urls if _is_usable(url)]
        wanted = " ".join(dict.fromkeys(usable[:MAX_FURTHER_URLS]))
        self._writing.change_rows(
            update(_PARTNER)
            .where(_PARTNER.c.region == region, _PARTNER.c.further_urls != wanted)
            .values(further_urls=wanted, changed_at=at)
        )

    def set_state(self, region: str, state: PartnerState, at: datetime) -> bool:
        """Suspend or take up a partner; False if it is in that state already.

        Raises:
            PartnerUnknownError: no region of this code is a partner.
        """
        if self.find(region) is None:
            raise PartnerUnknownError(region)
        return (
            self._writing.change_rows(
                update(_PARTNER)
                .where(_PARTNER.c.region == region, _PARTNER.c.state != state.value)
                .values(state=state.value, changed_at=at)
            )
            == 1
        )


def _is_usable(url: str) -> bool:
    if " " in url:
        return False
    try:
        origin_of(url)
    except AddressRefusedError:
        return False
    return True


def _by_region(region: str) -> Select[Any]:
    return select(_PARTNER).where(_PARTNER.c.region == region)


def _partner(row: Row[Any]) -> Partner:
    return Partner(
        region=row.region,
        name=row.name,
        url=row.url,
        further_urls=tuple(row.further_urls.split()),
        state=PartnerState(row.state),
        added_at=row.added_at,
    )
