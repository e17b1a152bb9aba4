"""Which seals there are, and which may be set for whose licenses: what issuing asks.

A seal may be set for an authority's licenses of a type only if that was granted (default deny):
one approval seal may act for many departments (一枚印章管审批), so seal and authority are two
things. A grant for the type counts before one for every type. Nothing is deleted.

Reads only; seals are changed through ``seals.registrar``. Of a holder's own seal only what names
nobody stands here; the rest opens with ``seals.holder_seals``.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from keys.certificate import Certificate, read_certificate
from keys.errors import KeyNotFoundError
from keys.provider import KeyProvider
from license_vault.database.seal_tables import HolderSealRow, SealGrantRow, SealRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import HolderRow, OrganisationRow, table_of
from license_vault.registry.authorities import Organisation, subtree_of
from license_vault.seals.errors import SealNotPermittedError, SealUnknownError, SealUnusableError
from license_vault.seals.life import SealKind, SealState
from signing.errors import MalformedSealError
from signing.picture.seal_picture import SealPicture
from signing.seal import Seal
from signing.ses.seal import SESeal, read_ses_seal

EVERY_TYPE = "*"
DOCUMENTS = "documents"
"""In a grant: not licenses but documents that come to be sealed; '*' does not include them."""

_SEAL = table_of(SealRow)
_GRANT = table_of(SealGrantRow)
_ORG = table_of(OrganisationRow)
_OF_HOLDER = table_of(HolderSealRow)
_HOLDER = table_of(HolderRow)

_SEALS = (
    select(
        _SEAL,
        _ORG.c.code.label("owner_code"),
        _ORG.c.name.label("owner_name"),
        _HOLDER.c.handle.label("holder"),
    )
    .join(_ORG, _ORG.c.id == _SEAL.c.owner_id)
    .outerjoin(_OF_HOLDER, _OF_HOLDER.c.seal_id == _SEAL.c.id)
    .outerjoin(_HOLDER, _HOLDER.c.id == _OF_HOLDER.c.holder_id)
)
_GRANTED = (
    _SEALS.join(_GRANT, _GRANT.c.seal_id == _SEAL.c.id)
    .where(_GRANT.c.authority_id == bindparam("authority_id"), _GRANT.c.withdrawn_at.is_(None))
    .where(_GRANT.c.type_code.in_((bindparam("type_code"), EVERY_TYPE)))
    .order_by((_GRANT.c.type_code == EVERY_TYPE), _GRANT.c.id.desc())
)
_CHAINS = select(_SEAL.c.chain).distinct().order_by(_SEAL.c.chain)


@dataclass(frozen=True, slots=True)
class SealRecord:
    """A seal as it is registered; ``seal`` has no certificate before it was made.

    ``holder`` is the handle of the holder whose own seal it is; then ``seal`` tells only code and
    key, and its owner is the organisation that looks after it.
    """

    row_id: int
    seal: Seal
    state: SealState
    kind: SealKind
    name: str
    installed_at: datetime
    changed_at: datetime
    filing_number: str | None
    cancellation_number: str | None
    holder: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A seal may be set for an authority's licenses of a type ('*': every type)."""

    seal_code: str
    authority_code: str
    type_code: str = EVERY_TYPE


@dataclass(frozen=True, slots=True)
class SealFilter:
    """Which seals a page holds: of an organisation and all below it, or one holder's own."""

    within: str | None = None
    holder: str | None = None


class SealRegistry:
    """Looks seals up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, code: str) -> SealRecord:
        """Return a seal.

        Raises:
            SealUnknownError: there is none with this code.
        """
        record = self.find(code)
        if record is None:
            raise SealUnknownError(code)
        return record

    def find(self, code: str) -> SealRecord | None:
        """Return a seal, None if there is none with this code."""
        row = self._session.execute(_SEALS.where(_SEAL.c.code == code)).first()
        return None if row is None else _record(row)

    def by_row_id(self, row_id: int) -> SealRecord:
        """Return a seal by the key of its row, which exists."""
        return _record(self._session.execute(_SEALS.where(_SEAL.c.id == row_id)).one())

    def everyone(self) -> tuple[SealRecord, ...]:
        """Return all seals, in the order of their codes."""
        return tuple(map(_record, self._session.execute(_SEALS.order_by(_SEAL.c.code))))

    def page(
        self, wanted: SealFilter, limit: int, after: str | None = None
    ) -> tuple[SealRecord, ...]:
        """Return seals in the order of their codes, behind one of them."""
        query = _SEALS.order_by(_SEAL.c.code).limit(limit)
        if wanted.within is not None:
            query = query.where(_SEAL.c.owner_id.in_(select(subtree_of(wanted.within).c.id)))
        if wanted.holder is not None:
            query = query.where(_HOLDER.c.handle == wanted.holder)
        if after is not None:
            query = query.where(_SEAL.c.code > after)
        return tuple(map(_record, self._session.execute(query)))

    def chains(self) -> tuple[bytes, ...]:
        """Return the CA certificates (DER) that seals came with, each once."""
        rows = self._session.execute(_CHAINS)
        return tuple(dict.fromkeys(der for row in rows for der in _chain(row.chain)))

    def granted(self, authority: Organisation, type_code: str) -> tuple[SealRecord, ...]:
        """Return the seals that may be set for an authority's licenses of a type, the best first.

        A seal that may be set comes before one that may not, a grant for the type before one
        for every type, a later grant before an earlier one.

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

    def grants(self, code: str | None = None) -> tuple[Grant, ...]:
        """Return the grants that count, of one seal or of all, ordered."""
        query = (
            select(_SEAL.c.code, _ORG.c.code, _GRANT.c.type_code)
            .join(_GRANT, _GRANT.c.seal_id == _SEAL.c.id)
            .join(_ORG, _ORG.c.id == _GRANT.c.authority_id)
            .where(_GRANT.c.withdrawn_at.is_(None))
            .order_by(_SEAL.c.code, _ORG.c.code, _GRANT.c.type_code)
        )
        if code is not None:
            query = query.where(_SEAL.c.code == code)
        return tuple(Grant(*row) for row in self._session.execute(query))


def require_usable(record: SealRecord, keys: KeyProvider, at: datetime) -> None:
    """Check that a seal can be set at an instant: state, seal data, certificates, key.

    Raises:
        SealUnusableError: with the reason.
        KeyUnavailableError: the provider does not answer.

    Source: GB/T 38540-2020, generating a signature: the seal is verified first, its period holds,
        its list names the signer's certificate; otherwise it has to be made anew.
    """
    code, seal = record.seal.code, record.seal
    if record.state is not SealState.ACTIVE:
        raise SealUnusableError(code, record.state.value)
    made = _made(code, seal.ses)
    if not made.valid_from <= at <= made.valid_until:
        raise SealUnusableError(code, "seal-period")
    if made.es_id != code or not made.lists(seal.certificate):
        raise SealUnusableError(code, "seal-other-certificate")
    certificates = [read_certificate(der) for der in (seal.certificate, *seal.chain)]
    if not all(c.not_before <= at <= c.not_after for c in certificates):
        raise SealUnusableError(code, "certificate-period")
    _check_key(seal, certificates[0], keys)


def _made(code: str, ses: bytes) -> SESeal:
    if not ses:
        # Installed before seals were made after GB/T 38540: it has to be made anew.
        raise SealUnusableError(code, "not-made")
    try:
        return _read_once(ses)
    except MalformedSealError as error:
        raise SealUnusableError(code, "seal-unreadable") from error


@lru_cache(maxsize=256)
def _read_once(ses: bytes) -> SESeal:
    # Every license is sealed with one of a few seals.
    return read_ses_seal(ses)


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
        ses=row.ses,
    )
    return SealRecord(
        row_id=row.id,
        seal=seal,
        state=SealState(row.state),
        kind=SealKind(row.kind),
        name=row.name,
        installed_at=row.installed_at,
        changed_at=row.changed_at,
        filing_number=row.filing_number,
        cancellation_number=row.cancellation_number,
        holder=row.holder,
    )


@lru_cache(maxsize=1024)
def _chain(text: str) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(each) for each in json.loads(text))


def chain_text(chain: Iterable[bytes]) -> str:
    """Return a chain as its row keeps it: a JSON list of base64 DER."""
    return json.dumps([base64.b64encode(der).decode() for der in chain])
