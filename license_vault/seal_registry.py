"""Which seals there are, and who may set which; all their SQL.

A seal may be set for an authority's licenses of a type only if that was granted (default deny):
one approval seal may act for many departments (一枚印章管审批), so seal and authority are two
things. A grant for the type counts before one for every type. Nothing is deleted: a grant is
withdrawn, a seal is suspended or retired.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from keys.certificate import Certificate, read_certificate
from keys.errors import CertificateUnreadableError, KeyNotFoundError
from keys.provider import KeyProvider
from license_vault.authorities import Authorities, Organisation
from license_vault.database import Reading, Writing
from license_vault.seal_errors import (
    SealExistsError,
    SealInvalidError,
    SealNotPermittedError,
    SealUnknownError,
    SealUnusableError,
)
from license_vault.seal_tables import SealGrantRow, SealRow
from license_vault.tables import OrganisationRow, table_of
from signing.seal import Seal
from signing.seal_picture import SealPicture

EVERY_TYPE = "*"

_SEAL = table_of(SealRow)
_GRANT = table_of(SealGrantRow)
_ORG = table_of(OrganisationRow)
_CODE_LENGTH = 14


_SEALS = select(_SEAL, _ORG.c.code.label("owner_code"), _ORG.c.name.label("owner_name")).join(
    _ORG, _ORG.c.id == _SEAL.c.owner_id
)
_GRANTED = (
    _SEALS.join(_GRANT, _GRANT.c.seal_id == _SEAL.c.id)
    .where(_GRANT.c.authority_id == bindparam("authority_id"), _GRANT.c.withdrawn_at.is_(None))
    .where(_GRANT.c.type_code.in_((bindparam("type_code"), EVERY_TYPE)))
    .order_by((_GRANT.c.type_code == EVERY_TYPE), _GRANT.c.id.desc())
)


_CHAINS = select(_SEAL.c.chain).distinct().order_by(_SEAL.c.chain)


class SealState(StrEnum):
    """Whether a seal may be set. RETIRED (缴销) is for good."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


_MAY_BECOME = {
    SealState.ACTIVE: (SealState.SUSPENDED,),
    SealState.SUSPENDED: (SealState.ACTIVE,),
    SealState.RETIRED: (SealState.ACTIVE, SealState.SUSPENDED),
}


@dataclass(frozen=True, slots=True)
class SealRecord:
    """A seal as it is registered."""

    row_id: int
    seal: Seal
    state: SealState
    installed_at: datetime


@dataclass(frozen=True, slots=True)
class SealOrder:
    """A seal to be registered; its owner is ``seal.owner_code``, an organisation we know."""

    seal: Seal
    at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A seal may be set for an authority's licenses of a type ('*': every type)."""

    seal_code: str
    authority_code: str
    type_code: str = EVERY_TYPE


class SealRegistry:
    """Looks seals up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, code: str) -> SealRecord:
        """Return a seal.

        Raises:
            SealUnknownError: there is none with this code.
        """
        row = self._session.execute(_SEALS.where(_SEAL.c.code == code)).first()
        if row is None:
            raise SealUnknownError(code)
        return _record(row)

    def by_row_id(self, row_id: int) -> SealRecord:
        """Return a seal by the key of its row, which exists."""
        return _record(self._session.execute(_SEALS.where(_SEAL.c.id == row_id)).one())

    def everyone(self) -> tuple[SealRecord, ...]:
        """Return all seals, in the order of their codes."""
        return tuple(map(_record, self._session.execute(_SEALS.order_by(_SEAL.c.code))))

    def chains(self) -> tuple[bytes, ...]:
        """Return the CA certificates (DER) that seals came with, each once."""
        rows = self._session.execute(_CHAINS)
        return tuple(dict.fromkeys(der for row in rows for der in _chain(row.chain)))

    def granted(self, authority: Organisation, type_code: str) -> tuple[SealRecord, ...]:
        """Return the seals that may be set for an authority's licenses of a type, the best first.

        A seal that may be set comes before one that is suspended, a grant for the type before
        one for every type, a later grant before an earlier one.

        Raises:
            SealNotPermittedError: none is granted.
        """
        values = {"authority_id": authority.row_id, "type_code": type_code}
        rows = self._session.execute(_GRANTED, values)
        # A seal may be granted for the type and for every type: it counts once.
        records = tuple({record.row_id: record for record in map(_record, rows)}.values())
        if not records:
            raise SealNotPermittedError(authority.code, type_code)
        return tuple(sorted(records, key=lambda record: record.state is not SealState.ACTIVE))

    def grants(self) -> tuple[Grant, ...]:
        """Return the grants that count, ordered."""
        rows = self._session.execute(
            select(_SEAL.c.code, _ORG.c.code, _GRANT.c.type_code)
            .join(_GRANT, _GRANT.c.seal_id == _SEAL.c.id)
            .join(_ORG, _ORG.c.id == _GRANT.c.authority_id)
            .where(_GRANT.c.withdrawn_at.is_(None))
            .order_by(_SEAL.c.code, _ORG.c.code, _GRANT.c.type_code)
        )
        return tuple(Grant(*row) for row in rows)


class SealRegistrar(SealRegistry):
    """Installs seals, grants them and takes grants back."""

    def __init__(self, session: Writing, keys: KeyProvider) -> None:
        super().__init__(session)
        self._writing = session
        self._keys = keys

    def install(self, order: SealOrder) -> int:
        """Register a seal whose key is in the provider; return its row's key.

        Raises:
            OrganisationUnknownError: the owner is no organisation we know.
            SealExistsError: the code is taken.
            SealInvalidError: code, certificate, owner or key do not fit together.
        """
        seal = order.seal
        owner = Authorities(self._session).get(seal.owner_code)
        _check_seal(seal, self._keys)
        taken = select(_SEAL.c.id).where(_SEAL.c.code == seal.code)
        if self._session.execute(taken).first() is not None:
            raise SealExistsError(seal.code)
        return self._writing.add_row(
            _SEAL,
            code=seal.code,
            owner_id=owner.row_id,
            key_label=seal.key_label,
            certificate=seal.certificate,
            chain=json.dumps([base64.b64encode(der).decode() for der in seal.chain]),
            picture=json.dumps(asdict(seal.picture), ensure_ascii=False, sort_keys=True),
            state=SealState.ACTIVE.value,
            installed_at=order.at,
            changed_at=order.at,
        )

    def change_state(self, code: str, wanted: SealState, at: datetime) -> bool:
        """Suspend a seal, take it up again, or retire it; False if it is so already.

        Raises:
            SealUnknownError: there is none with this code.
            SealUnusableError: it is retired, for good.
        """
        moved = self._writing.change_rows(
            update(_SEAL)
            .where(_SEAL.c.code == code)
            .where(_SEAL.c.state.in_([state.value for state in _MAY_BECOME[wanted]]))
            .values(state=wanted.value, changed_at=at)
        )
        if moved == 0 and self.get(code).state is not wanted:
            raise SealUnusableError(code, "state")
        return moved == 1

    def grant(self, grant: Grant, by: str, at: datetime) -> bool:
        """Grant a seal; False if it is granted already.

        Raises:
            SealUnknownError: there is no such seal.
            OrganisationUnknownError: there is no such authority.
        """
        if grant in self.grants():
            return False
        seal = self.get(grant.seal_code)
        authority = Authorities(self._session).get(grant.authority_code)
        self._writing.add_row(
            _GRANT,
            seal_id=seal.row_id,
            authority_id=authority.row_id,
            type_code=grant.type_code,
            granted_at=at,
            granted_by=by,
        )
        return True

    def withdraw(self, grant: Grant, at: datetime) -> bool:
        """Take a grant back; False if there is none that counts."""
        seal = select(_SEAL.c.id).where(_SEAL.c.code == grant.seal_code).scalar_subquery()
        authority = select(_ORG.c.id).where(_ORG.c.code == grant.authority_code).scalar_subquery()
        withdrawn = self._writing.change_rows(
            update(_GRANT)
            .where(_GRANT.c.seal_id == seal, _GRANT.c.authority_id == authority)
            .where(_GRANT.c.type_code == grant.type_code, _GRANT.c.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
        )
        return withdrawn == 1


def require_usable(record: SealRecord, keys: KeyProvider, at: datetime) -> None:
    """Check that a seal can be set at an instant: its state, its certificate, its key.

    Raises:
        SealUnusableError: with the reason.
        KeyUnavailableError: the provider does not answer.
    """
    code = record.seal.code
    if record.state is not SealState.ACTIVE:
        raise SealUnusableError(code, "state")
    certificates = [read_certificate(der) for der in (record.seal.certificate, *record.seal.chain)]
    if not all(c.not_before <= at <= c.not_after for c in certificates):
        raise SealUnusableError(code, "certificate-period")
    _check_key(record.seal, certificates[0], keys)


def _check_seal(seal: Seal, keys: KeyProvider) -> None:
    if not (seal.code.isascii() and seal.code.isdigit() and len(seal.code) == _CODE_LENGTH):
        raise SealInvalidError(seal.code, "code")
    try:
        certificate, *issuers = _certificates((seal.certificate, *seal.chain))
    except CertificateUnreadableError as error:
        raise SealInvalidError(seal.code, "certificate-unreadable") from error
    if certificate.common_name != seal.code:
        raise SealInvalidError(seal.code, "certificate-other-seal")
    if seal.owner_code not in certificate.organization:
        raise SealInvalidError(seal.code, "certificate-other-owner")
    if "digitalSignature" not in certificate.key_usages or certificate.is_ca:
        raise SealInvalidError(seal.code, "certificate-usage")
    if not all(issuer.is_ca for issuer in issuers):
        raise SealInvalidError(seal.code, "chain")
    try:
        _check_key(seal, certificate, keys)
    except SealUnusableError as error:
        raise SealInvalidError(seal.code, error.reason) from error


def _certificates(encoded: Iterable[bytes]) -> list[Certificate]:
    return [read_certificate(der) for der in encoded]


def _check_key(seal: Seal, certificate: Certificate, keys: KeyProvider) -> None:
    try:
        point = keys.public_point(seal.key_label)
    except KeyNotFoundError as error:
        raise SealUnusableError(seal.code, "key-missing") from error
    if point != certificate.public_point:
        raise SealUnusableError(seal.code, "key-other")


def _record(row: "Row[Any]") -> SealRecord:
    seal = Seal(
        code=row.code,
        owner_code=row.owner_code,
        owner_name=row.owner_name,
        key_label=row.key_label,
        certificate=row.certificate,
        chain=_chain(row.chain),
        picture=SealPicture(**json.loads(row.picture)),
    )
    return SealRecord(row.id, seal, SealState(row.state), row.installed_at)


@lru_cache(maxsize=1024)
def _chain(text: str) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(each) for each in json.loads(text))
