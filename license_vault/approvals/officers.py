"""Officers who sign approvals: whose they are and with which certificate; all their SQL.

An officer is taken in by hand with the certificate of the own SM2 key. A key is one person's for
ever: under another id it is refused, or one person could be two. A new certificate is brought
after the old one was disabled; both stay on record, as the approvals signed with them do.

Certificates name people, so they are kept wrapped under ``vault-kek``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from keys.certificate import Certificate, read_certificate
from keys.errors import CertificateUnreadableError
from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.approvals.errors import (
    OfficerExistsError,
    OfficerRefusedError,
    OfficerUnknownError,
)
from license_vault.database.approval_tables import OfficerRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import OrganisationRow
from license_vault.registry.authorities import Authorities, subtree_of

PERSON = re.compile(r"[A-Za-z0-9._@:|-]{1,128}", re.ASCII)
"""The id of a person: the ``sub`` of their tokens, never a name or a number of a document."""

_KEK = "vault-kek"
_OFFICER = table_of(OfficerRow)
_ORG = table_of(OrganisationRow)
_OFFICERS = select(_OFFICER, _ORG.c.code.label("organisation_code")).join(
    _ORG, _ORG.c.id == _OFFICER.c.organisation_id
)


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer who may sign approvals; ``certificate`` is DER."""

    officer_id: str
    organisation_code: str
    certificate: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfficerRecord:
    """An officer with one certificate, as administrators see it."""

    officer: Officer
    added_at: datetime
    disabled_at: datetime | None


class Officers:
    """Looks officers up."""

    def __init__(self, session: Reading, keys: KeyProvider) -> None:
        self._session = session
        self._keys = keys

    def within(self, officer_ids: Iterable[str], authority_code: str) -> tuple[Officer, ...]:
        """Return those officers that may sign for an authority: its own, and of what is below it.

        Unknown ones, disabled ones and those of anybody else are left out.
        """
        rows = self._session.execute(
            _OFFICERS.where(_OFFICER.c.officer_id.in_(tuple(officer_ids)))
            .where(_OFFICER.c.disabled_at.is_(None))
            .where(_OFFICER.c.organisation_id.in_(select(subtree_of(authority_code).c.id)))
            .order_by(_OFFICER.c.officer_id)
        )
        return tuple(self._record(row).officer for row in rows)

    def of(self, authority_code: str) -> tuple[Officer, ...]:
        """Return all officers that may sign for an authority now, in the order of their ids."""
        rows = self._session.execute(
            _OFFICERS.where(_OFFICER.c.disabled_at.is_(None))
            .where(_OFFICER.c.organisation_id.in_(select(subtree_of(authority_code).c.id)))
            .order_by(_OFFICER.c.officer_id)
        )
        return tuple(self._record(row).officer for row in rows)

    def everyone(self) -> tuple[OfficerRecord, ...]:
        """Return all officers with all their certificates, in the order they were added."""
        rows = self._session.execute(_OFFICERS.order_by(_OFFICER.c.id))
        return tuple(map(self._record, rows))

    def _record(self, row: "Row[Any]") -> OfficerRecord:
        certificate = self._keys.unwrap(_KEK, row.sealed_certificate, _context(row.officer_id))
        officer = Officer(row.officer_id, row.organisation_code, certificate)
        return OfficerRecord(officer, row.added_at, row.disabled_at)


class OfficerWriter(Officers):
    """Takes officers in and shuts them out."""

    def __init__(self, session: Writing, keys: KeyProvider) -> None:
        super().__init__(session, keys)
        self._writing = session

    def add(self, officer: Officer, by: str, at: datetime) -> None:
        """Take an officer in.

        Raises:
            OfficerRefusedError: id, certificate or key cannot be used.
            OfficerExistsError: the officer has a certificate that counts.
            OrganisationUnknownError: there is no such organisation.
        """
        certificate = _checked(officer, at)
        organisation = Authorities(self._session).get(officer.organisation_code)
        self._require_new(officer.officer_id, sm3(certificate.public_point))
        self._writing.add_row(
            _OFFICER,
            officer_id=officer.officer_id,
            organisation_id=organisation.row_id,
            sealed_certificate=self._keys.wrap(
                _KEK, officer.certificate, _context(officer.officer_id)
            ),
            key_sm3=sm3(certificate.public_point),
            added_by=by,
            added_at=at,
        )

    def disable(self, officer_id: str, by: str, at: datetime) -> None:
        """Shut an officer out: what is signed with this certificate counts no more from now on.

        Raises:
            OfficerUnknownError: there is none with this id, or no more.
        """
        disabled = self._writing.change_rows(
            update(_OFFICER)
            .where(_OFFICER.c.officer_id == officer_id, _OFFICER.c.disabled_at.is_(None))
            .values(disabled_by=by, disabled_at=at)
        )
        if disabled == 0:
            raise OfficerUnknownError(officer_id)

    def _require_new(self, officer_id: str, key_sm3: bytes) -> None:
        live = select(_OFFICER.c.id).where(
            _OFFICER.c.officer_id == officer_id, _OFFICER.c.disabled_at.is_(None)
        )
        if self._session.execute(live).first() is not None:
            raise OfficerExistsError(officer_id)
        another = select(_OFFICER.c.id).where(
            _OFFICER.c.key_sm3 == key_sm3, _OFFICER.c.officer_id != officer_id
        )
        if self._session.execute(another).first() is not None:
            raise OfficerRefusedError(officer_id, "key-of-another")


def _checked(officer: Officer, at: datetime) -> Certificate:
    if not PERSON.fullmatch(officer.officer_id):
        raise OfficerRefusedError(officer.officer_id, "id")
    try:
        certificate = read_certificate(officer.certificate)
    except CertificateUnreadableError as error:
        raise OfficerRefusedError(officer.officer_id, "certificate-unreadable") from error
    if "digitalSignature" not in certificate.key_usages or certificate.is_ca:
        raise OfficerRefusedError(officer.officer_id, "certificate-usage")
    if not certificate.not_before <= at <= certificate.not_after:
        raise OfficerRefusedError(officer.officer_id, "certificate-period")
    return certificate


def _context(officer_id: str) -> bytes:
    return f"license-vault/1\0officer\0{officer_id}".encode()
