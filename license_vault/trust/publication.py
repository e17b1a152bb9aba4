"""The trust bundle of this region, from the database: what others need to verify our licenses.

Anchors, intermediates, signers and revocation lists are put in by hand (``license-vault trust
add``, ``key install``; in development ``ca …``); which seals speak for an authority follows from
the grants; the status lists are those published last. Nothing is deleted: an anchor is withdrawn,
and of the revocation lists of one issuer the newest counts.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, exists, select, tuple_, update

from keys.certificate import Certificate, read_certificate, read_revocation_list
from keys.errors import CertificateUnreadableError
from keys.sm3 import sm3
from license_vault.database.seal_tables import SealGrantRow, SealRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import OrganisationRow, table_of
from license_vault.database.trust_tables import (
    RevocationListRow,
    TrustCertificateRow,
    TrustSignerRow,
)
from license_vault.seals.registry import DOCUMENTS, SealRegistry
from license_vault.trust.errors import TrustMaterialInvalidError
from signing.trust_bundle import (
    PURPOSES,
    ROLES,
    TrustAnchor,
    TrustBundle,
    TrustedAuthority,
    TrustedSigner,
)

_CERTIFICATE = table_of(TrustCertificateRow)
_LIST = table_of(RevocationListRow)
_SIGNER = table_of(TrustSignerRow)
_GRANT, _SEAL, _ORG = table_of(SealGrantRow), table_of(SealRow), table_of(OrganisationRow)
_OWNER = _ORG.alias("owner")


class TrustMaterial:
    """Reads what verifiers are told of."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def bundle(self, region: str, status_lists: Iterable[bytes], at: datetime) -> TrustBundle:
        """Return the region's bundle as of now.

        Args:
            region: of GB/T 2260, 6 digits.
            status_lists: DER of the lists published last.
        """
        rows = self._session.execute(_SPEAKING)
        return self._bundle(region, _authorities(rows), status_lists, at)

    def about(self, authority_code: str | None, region: str, at: datetime) -> TrustBundle:
        """Return what ``bundle`` says, of the authorities only this one, without status lists."""
        rows = self._session.execute(_SPEAKING_FOR, {"authority_code": authority_code})
        return self._bundle(region, _authorities(rows), (), at)

    def revocation_lists(self) -> tuple[bytes, ...]:
        """Return the newest revocation list (DER) of each issuer."""
        return tuple(row.der for row in self._session.execute(_NEWEST_LISTS))

    def _bundle(
        self,
        region: str,
        authorities: tuple[TrustedAuthority, ...],
        status_lists: Iterable[bytes],
        at: datetime,
    ) -> TrustBundle:
        rows = self._session.execute(_CERTIFICATES).all()
        kept = [row.certificate for row in rows if not row.purposes]
        chains = SealRegistry(self._session).chains()
        return TrustBundle(
            region=region,
            issued_at=at,
            anchors=tuple(
                TrustAnchor(tuple(row.purposes.split()), row.certificate)
                for row in rows
                if row.purposes
            ),
            intermediates=tuple(dict.fromkeys((*kept, *chains))),
            crls=self.revocation_lists(),
            authorities=authorities,
            status_lists=tuple(status_lists),
            signers=tuple(TrustedSigner(*row) for row in self._session.execute(_SIGNERS)),
        )


class TrustMaterialWriter(TrustMaterial):
    """Takes in what verifiers are to be told of."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add_anchor(self, certificate: bytes, purposes: Iterable[str], at: datetime) -> bool:
        """Trust a self-signed CA certificate (DER) for seals, time-stamps, status lists.

        Returns:
            False if it is there already, as it is.

        Raises:
            TrustMaterialInvalidError: not a CA certificate we can read, or an unknown purpose.
        """
        wanted = tuple(purpose for purpose in PURPOSES if purpose in set(purposes))
        if not wanted or set(purposes) - set(PURPOSES):
            raise TrustMaterialInvalidError("purpose")
        if (read := _ca_certificate(certificate)).subject_der != read.issuer_der:
            raise TrustMaterialInvalidError("not-self-issued")
        return self._add(certificate, " ".join(wanted), at)

    def add_intermediate(self, certificate: bytes, at: datetime) -> bool:
        """Tell verifiers of a CA certificate (DER) between anchors and ends.

        Returns:
            False if it is there already.

        Raises:
            TrustMaterialInvalidError: not a CA certificate we can read.
        """
        _ca_certificate(certificate)
        return self._add(certificate, "", at)

    def add_signer(self, certificate: bytes, role: str, at: datetime) -> bool:
        """Stand for an end certificate (DER) by name.

        Returns:
            False if it is there already.

        Raises:
            TrustMaterialInvalidError: an unknown role, a CA's certificate, or none we can read.
        """
        if role not in ROLES:
            raise TrustMaterialInvalidError("role")
        _end_certificate(certificate)
        wanted = (_SIGNER.c.sm3 == sm3(certificate), _SIGNER.c.role == role)
        row = self._session.execute(select(_SIGNER.c.withdrawn_at).where(*wanted)).first()
        if row is None:
            self._writing.add_row(
                _SIGNER, sm3=sm3(certificate), certificate=certificate, role=role, added_at=at
            )
            return True
        again = update(_SIGNER).where(*wanted, _SIGNER.c.withdrawn_at.is_not(None))
        anew = again.values(withdrawn_at=None, withdrawn_why=None)
        return self._writing.change_rows(anew) == 1

    def withdraw_signer(self, certificate: bytes, at: datetime, why: str) -> bool:
        """Stand for a certificate no more, in any role; False if it was not stood for."""
        live = (_SIGNER.c.sm3 == sm3(certificate), _SIGNER.c.withdrawn_at.is_(None))
        gone = update(_SIGNER).where(*live).values(withdrawn_at=at, withdrawn_why=why)
        return self._writing.change_rows(gone) > 0

    def withdraw(self, certificate: bytes, at: datetime, why: str) -> bool:
        """Leave a certificate out of the bundle from now on; False if it is not in it."""
        return (
            self._writing.change_rows(
                update(_CERTIFICATE)
                .where(
                    _CERTIFICATE.c.sm3 == sm3(certificate), _CERTIFICATE.c.withdrawn_at.is_(None)
                )
                .values(withdrawn_at=at, withdrawn_why=why)
            )
            == 1
        )

    def add_crl(self, encoded: bytes, at: datetime) -> bool:
        """Take in a revocation list (DER).

        Returns:
            False if it is there already.

        Raises:
            TrustMaterialInvalidError: not a list we can read.
        """
        try:
            found = read_revocation_list(encoded)
        except CertificateUnreadableError as error:
            raise TrustMaterialInvalidError("unreadable") from error
        known = select(_LIST.c.id).where(_LIST.c.sm3 == sm3(encoded))
        if self._session.execute(known).first() is not None:
            return False
        self._writing.add_row(
            _LIST,
            issuer_sm3=sm3(found.issuer_der),
            this_update=found.this_update,
            next_update=found.next_update,
            sm3=sm3(encoded),
            der=encoded,
            added_at=at,
        )
        return True

    def _add(self, certificate: bytes, purposes: str, at: datetime) -> bool:
        known = select(_CERTIFICATE.c.purposes, _CERTIFICATE.c.withdrawn_at).where(
            _CERTIFICATE.c.sm3 == sm3(certificate)
        )
        row = self._session.execute(known).first()
        if row is not None and row.withdrawn_at is None and row.purposes == purposes:
            return False
        if row is not None:
            return (
                self._writing.change_rows(
                    update(_CERTIFICATE)
                    .where(_CERTIFICATE.c.sm3 == sm3(certificate))
                    .values(purposes=purposes, withdrawn_at=None, withdrawn_why=None)
                )
                == 1
            )
        self._writing.add_row(
            _CERTIFICATE,
            sm3=sm3(certificate),
            certificate=certificate,
            purposes=purposes,
            added_at=at,
        )
        return True


# Every verification on our own nodes asks these: made once, and none grows with what is past.
_CERTIFICATES = (
    select(_CERTIFICATE.c.purposes, _CERTIFICATE.c.certificate)
    .where(_CERTIFICATE.c.withdrawn_at.is_(None))
    .order_by(_CERTIFICATE.c.id)
)
_SIGNERS = (
    select(_SIGNER.c.role, _SIGNER.c.certificate)
    .where(_SIGNER.c.withdrawn_at.is_(None))
    .order_by(_SIGNER.c.id)
)
_LATER = _LIST.alias("later")
_NEWEST_LISTS = (
    select(_LIST.c.der)
    .where(
        ~exists().where(
            _LATER.c.issuer_sm3 == _LIST.c.issuer_sm3,
            tuple_(_LATER.c.this_update, _LATER.c.id) > tuple_(_LIST.c.this_update, _LIST.c.id),
        )
    )
    .order_by(_LIST.c.this_update, _LIST.c.id)
)
_SPEAKING = (
    select(_ORG.c.code, _ORG.c.name, _ORG.c.region, _OWNER.c.code.label("owner_code"))
    .join(_GRANT, _GRANT.c.authority_id == _ORG.c.id)
    .join(_SEAL, _SEAL.c.id == _GRANT.c.seal_id)
    .join(_OWNER, _OWNER.c.id == _SEAL.c.owner_id)
    .where(_GRANT.c.withdrawn_at.is_(None))
    # Who lends a seal for letters does not speak for anybody's licenses.
    .where(_GRANT.c.type_code != DOCUMENTS)
    .distinct()
    .order_by(_ORG.c.code, _OWNER.c.code)
)
_SPEAKING_FOR = _SPEAKING.where(_ORG.c.code == bindparam("authority_code"))


def _authorities(rows: Iterable[Any]) -> tuple[TrustedAuthority, ...]:
    """Return authorities with the owners of the seals that speak for them, rows in order."""
    return tuple(
        TrustedAuthority(code, name, region, tuple(row.owner_code for row in of_one))
        for (code, name, region), of_one in groupby(rows, key=lambda row: tuple(row[:3]))
    )


def _end_certificate(encoded: bytes) -> Certificate:
    if (certificate := _certificate(encoded)).is_ca:
        raise TrustMaterialInvalidError("a-ca")
    return certificate


def _certificate(encoded: bytes) -> Certificate:
    try:
        return read_certificate(encoded)
    except CertificateUnreadableError as error:
        raise TrustMaterialInvalidError("unreadable") from error


def _ca_certificate(encoded: bytes) -> Certificate:
    certificate = _certificate(encoded)
    if not certificate.is_ca:
        raise TrustMaterialInvalidError("not-a-ca")
    return certificate
