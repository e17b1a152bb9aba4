"""The revocation lists (CRLs) of partners: kept if a CA of the accepted trust list signed them.

Of one issuer the newest counts, and an older one never replaces it. All SQL of them is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from keys.certificate import (
    Certificate,
    RevocationList,
    read_certificate,
    read_revocation_list,
    verify_revocation_list,
)
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from license_vault.database.columns import table_of
from license_vault.database.partner_tables import PartnerRevocationListRow
from license_vault.database.sessions import Reading, Writing
from license_vault.partners.errors import PullRefusedError

MAX_LISTS = 256
_LIST = table_of(PartnerRevocationListRow)


class PartnerRevocationLists:
    """Looks them up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of(self, region: str) -> tuple[bytes, ...]:
        """Return the newest list (DER) of each issuer of a region."""
        wanted = select(_LIST.c.der).where(
            _LIST.c.region == region, _LIST.c.superseded_at.is_(None)
        )
        return tuple(row.der for row in self._session.execute(wanted.order_by(_LIST.c.id)))


class PartnerRevocationListWriter(PartnerRevocationLists):
    """Takes them in."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def receive(
        self, region: str, lists: Iterable[bytes], authorities: Iterable[bytes], at: datetime
    ) -> str | None:
        """Keep what is newer; return why one of them is not taken, None if all are right.

        Args:
            lists: DER, as received.
            authorities: DER of the CA certificates that the region stands for.

        Returns:
            "crl-unreadable", "crl-signer" or "crl-older" of the first that is not taken.
        """
        issuers = [found for der in authorities if (found := _readable(der)) is not None]
        refused: list[str] = []
        for encoded in lists:
            try:
                self._receive(region, _judged(encoded, issuers), at)
            except PullRefusedError as error:
                refused.append(error.reason)
        return refused[0] if refused else None

    def _receive(self, region: str, found: RevocationList, at: datetime) -> None:
        issuer = sm3(found.issuer_der)
        newest = (
            _LIST.c.region == region,
            _LIST.c.issuer_sm3 == issuer,
            _LIST.c.superseded_at.is_(None),
        )
        wanted = select(_LIST.c.sm3, _LIST.c.this_update).where(*newest)
        before = self._session.execute(wanted).first()
        digest = sm3(found.der)
        if before is not None:
            if before.sm3 == digest:
                return
            if found.this_update < before.this_update:
                raise PullRefusedError("crl-older", alarming=True)
            known = select(_LIST.c.id).where(_LIST.c.region == region, _LIST.c.sm3 == digest)
            if self._session.execute(known).first() is not None:
                return
            self._writing.change_rows(update(_LIST).where(*newest).values(superseded_at=at))
        self._writing.add_row(
            _LIST,
            region=region,
            issuer_sm3=issuer,
            this_update=found.this_update,
            next_update=found.next_update,
            sm3=digest,
            der=found.der,
            received_at=at,
        )


def _judged(encoded: bytes, issuers: Iterable[Certificate]) -> RevocationList:
    try:
        found = read_revocation_list(encoded)
    except KeyCustodyError as error:
        raise PullRefusedError("crl-unreadable", alarming=True) from error
    if not any(_is_of(found, issuer) for issuer in issuers):
        raise PullRefusedError("crl-signer", alarming=True)
    return found


def _is_of(found: RevocationList, issuer: Certificate) -> bool:
    if issuer.subject_der != found.issuer_der:
        return False
    try:
        verify_revocation_list(found, issuer)
    except KeyCustodyError:
        return False
    return True


def _readable(encoded: bytes) -> Certificate | None:
    try:
        return read_certificate(encoded)
    except KeyCustodyError:
        return None
