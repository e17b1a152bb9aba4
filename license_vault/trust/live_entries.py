"""What this region stands for now, and stood for, as entries of its trust list.

Made from the live rows: anchors and CAs, signers by name, and which owners' seals speak for which
authority. What our last list said of an entry stays said; changes are added to its history.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select

from keys.certificate import Certificate, read_certificate
from keys.sm3 import sm3
from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealGrantRow, SealRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import OrganisationRow
from license_vault.database.trust_tables import TrustCertificateRow, TrustSignerRow
from license_vault.seals.registry import DOCUMENTS, SealRegistry
from license_vault.trust.national_roots import NationalRoots
from signing.trust_list import (
    ANCHOR,
    AUTHORITY,
    INTERMEDIATE,
    TRUSTED,
    WITHDRAWN,
    Standing,
    TrustedEntry,
)

UNSPECIFIED, GRANT_WITHDRAWN = "unspecified", "grant-withdrawn"
_CERTIFICATE, _SIGNER = table_of(TrustCertificateRow), table_of(TrustSignerRow)
_GRANT, _SEAL, _ORG = table_of(SealGrantRow), table_of(SealRow), table_of(OrganisationRow)
_OWNER = _ORG.alias("owner")
_GRANTS = (
    select(
        _ORG.c.code,
        _ORG.c.name,
        _ORG.c.region,
        _OWNER.c.code.label("owner_code"),
        _GRANT.c.granted_at,
        _GRANT.c.withdrawn_at,
    )
    .join(_GRANT, _GRANT.c.authority_id == _ORG.c.id)
    .join(_SEAL, _SEAL.c.id == _GRANT.c.seal_id)
    .join(_OWNER, _OWNER.c.id == _SEAL.c.owner_id)
    # Who lends a seal for letters does not speak for anybody's licenses.
    .where(_GRANT.c.type_code != DOCUMENTS)
    .order_by(_ORG.c.code, _OWNER.c.code, _GRANT.c.granted_at, _GRANT.c.id)
)
_GRANTS_OF = _GRANTS.where(_ORG.c.code == bindparam("authority_code"))


class LiveEntries:
    """Reads entries from the live rows."""

    def __init__(self, session: Reading, region: str) -> None:
        """Take the session, and the region whose list it is: of GB/T 2260, 6 digits."""
        self._session = session
        self._region = region

    def all(self) -> tuple[TrustedEntry, ...]:
        """Return every entry, what was withdrawn too: anchors, CAs, signers, authorities."""
        authorities = _authorities(self._session.execute(_GRANTS))
        return (*self._marked(), *authorities)

    def about(self, authority_code: str | None) -> tuple[TrustedEntry, ...]:
        """Return what ``all`` does, of the authorities only this one, marks left off."""
        values = {"authority_code": authority_code}
        authorities = _authorities(self._session.execute(_GRANTS_OF, values))
        return (*self._certificates(), *authorities)

    def _marked(self) -> Iterator[TrustedEntry]:
        """Yield the entries with certificates, each saying which national root it leads to."""
        entries = tuple(self._certificates())
        roots = NationalRoots(self._session)
        between = [each.certificate for each in entries if each.kind in (ANCHOR, INTERMEDIATE)]
        for entry in entries:
            mark = roots.root_above(entry.certificate, between)
            yield replace(entry, national_root=mark)

    def _certificates(self) -> Iterator[TrustedEntry]:
        seen = set()
        for row in self._session.execute(select(_CERTIFICATE).order_by(_CERTIFICATE.c.id)):
            seen.add(row.certificate)
            purposes = tuple(row.purposes.split())
            yield self._entry(ANCHOR if purposes else INTERMEDIATE, row, purposes)
        for der in SealRegistry(self._session).chains():
            if der not in seen:
                history = (Standing(TRUSTED, _read(der).not_before),)
                yield self._of(INTERMEDIATE, _read(der), (), history)
        for row in self._session.execute(select(_SIGNER).order_by(_SIGNER.c.id)):
            yield self._entry(row.role, row, ())

    def _entry(self, kind: str, row: Any, purposes: tuple[str, ...]) -> TrustedEntry:
        history = [Standing(TRUSTED, row.added_at)]
        if row.withdrawn_at is not None:
            why = row.withdrawn_why or UNSPECIFIED
            history.append(Standing(WITHDRAWN, max(row.withdrawn_at, row.added_at), why))
        return self._of(kind, _read(row.certificate), purposes, tuple(history))

    def _of(
        self,
        kind: str,
        certificate: Certificate,
        purposes: tuple[str, ...],
        history: tuple[Standing, ...],
    ) -> TrustedEntry:
        return TrustedEntry(
            kind=kind,
            name=_printable(certificate.common_name),
            code="",
            certificate=certificate.der,
            purposes=purposes,
            region=self._region,
            seal_owners=(),
            history=history,
        )


@lru_cache(maxsize=1024)
def _read(der: bytes) -> Certificate:
    """Read a certificate once: every verification on our own nodes asks for all of them."""
    return read_certificate(der)


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())[:200]


def _authorities(rows: Iterable[Any]) -> Iterator[TrustedEntry]:
    """Yield an entry for each authority and owner, so that each pair has its own history."""
    for pair, grants in groupby(rows, key=lambda row: tuple(row[:4])):
        code, name, region, owner = pair
        periods = [(row.granted_at, row.withdrawn_at) for row in grants]
        yield TrustedEntry(
            kind=AUTHORITY,
            name=name,
            code=code,
            certificate=b"",
            purposes=(),
            region=region,
            seal_owners=(owner,),
            history=_history(periods),
        )


def _history(periods: Iterable[tuple[datetime, datetime | None]]) -> tuple[Standing, ...]:
    """Return the history that periods, in the order of their beginnings, make together."""
    found: list[Standing] = []
    for since, until in periods:
        if found and found[-1].status == TRUSTED:
            continue  # one without an end covers all that begin later
        if found and since <= found[-1].since:
            ended = found.pop()
            until = None if until is None else max(until, ended.since)
        else:
            found.append(Standing(TRUSTED, since))
        if until is not None:
            found.append(Standing(WITHDRAWN, max(until, found[-1].since), GRANT_WITHDRAWN))
    return tuple(found)


def with_history(
    live: Iterable[TrustedEntry], last: Iterable[TrustedEntry], at: datetime
) -> tuple[TrustedEntry, ...]:
    """Return live entries, each with the history that our last list told of it.

    Args:
        last: the entries of that list; one that is not live any more stays as it is.
        at: when the new list is issued: since then an entry is trusted again.
    """
    told = {_key(entry): entry for entry in last}
    now = [_continued(entry, told.pop(_key(entry), None), at) for entry in live]
    return (*now, *told.values())


def _key(entry: TrustedEntry) -> tuple[str, str, bytes, tuple[str, ...]]:
    return entry.kind, entry.code, sm3(entry.certificate), entry.seal_owners


def _continued(entry: TrustedEntry, told: TrustedEntry | None, at: datetime) -> TrustedEntry:
    if told is None:
        return entry
    before, now = told.history[-1], entry.history[-1]
    if before.status == now.status:
        return replace(entry, history=told.history)
    since = at if now.status == TRUSTED else max(now.since, before.since)
    return replace(entry, history=(*told.history, replace(now, since=since)))
