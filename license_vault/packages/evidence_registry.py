"""Evidence in the database: its files, and which licenses were issued upon them; all the SQL.

A row is written before its file is deposited, so that the store never holds a file that no row
tells of; a file that is not there yet cannot be issued upon.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.package_tables import EvidenceRow, LicenseEvidenceRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow, OrganisationRow
from license_vault.packages.errors import EvidenceNotFoundError
from license_vault.vault import StoredFile

EVIDENCE = "evidence"

_EVIDENCE = table_of(EvidenceRow)
_LINK = table_of(LicenseEvidenceRow)
_LICENSE = table_of(LicenseRow)
_ORG = table_of(OrganisationRow)

_ROWS = select(_EVIDENCE, _ORG.c.code.label("organisation_code")).join(
    _ORG, _ORG.c.id == _EVIDENCE.c.organisation_id
)
_BY_ID = _ROWS.where(_EVIDENCE.c.evidence_id == bindparam("evidence_id"))
_OF_LICENSE = (
    _ROWS.join(_LINK, _LINK.c.evidence_id == _EVIDENCE.c.id)
    .join(_LICENSE, _LICENSE.c.id == _LINK.c.license_id)
    .where(_LICENSE.c.identifier == bindparam("identifier"))
    .order_by(_LINK.c.position)
)


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A file that is going to be kept as evidence; digests are 32 bytes."""

    evidence_id: str
    organisation_row_id: int
    media_type: str
    size_bytes: int
    sm3: bytes
    sha256: bytes
    wrapped_key: bytes = field(repr=False)
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file of evidence as its row describes it; not in the store yet without the last digest."""

    row_id: int
    evidence_id: str
    organisation_code: str
    media_type: str
    size_bytes: int
    sm3: bytes
    sha256: bytes
    wrapped_key: bytes = field(repr=False)
    uploaded_by: str
    uploaded_at: datetime
    ciphertext_sm3: bytes | None

    @property
    def object_key(self) -> str:
        """Return its name in the store."""
        return f"{EVIDENCE}/{self.evidence_id}"

    @property
    def stored_file(self) -> StoredFile:
        """Return what the vault needs to open it.

        Raises:
            EvidenceNotFoundError: it is not in the store yet.
        """
        if self.ciphertext_sm3 is None:
            raise EvidenceNotFoundError(self.evidence_id)
        return StoredFile(self.object_key, EVIDENCE, self.sm3, self.sha256, self.ciphertext_sm3)


class EvidenceRegistry:
    """Looks evidence up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, evidence_id: str) -> Evidence:
        """Return one file of evidence, in the store or not.

        Raises:
            EvidenceNotFoundError: there is none with this id.
        """
        row = self._session.execute(_BY_ID, {"evidence_id": evidence_id}).first()
        if row is None:
            raise EvidenceNotFoundError(evidence_id)
        return _evidence(row)

    def of_license(self, identifier: str) -> tuple[Evidence, ...]:
        """Return what a license was issued upon, in the order of its request."""
        rows = self._session.execute(_OF_LICENSE, {"identifier": identifier})
        return tuple(map(_evidence, rows))

    def object_keys(self, evidence_ids: Iterable[str]) -> frozenset[str]:
        """Return the names in the store of those that have a row."""
        wanted = select(_EVIDENCE.c.evidence_id).where(
            _EVIDENCE.c.evidence_id.in_(tuple(evidence_ids))
        )
        return frozenset(f"{EVIDENCE}/{found}" for found in self._session.execute(wanted).scalars())


class EvidenceWriter(EvidenceRegistry):
    """Takes evidence in, and links it to licenses."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def begin(self, new: NewEvidence) -> None:
        """Record a file that is going to be deposited."""
        self._writing.add_row(
            _EVIDENCE,
            evidence_id=new.evidence_id,
            organisation_id=new.organisation_row_id,
            media_type=new.media_type,
            size_bytes=new.size_bytes,
            sm3=new.sm3,
            sha256=new.sha256,
            wrapped_key=new.wrapped_key,
            uploaded_by=new.uploaded_by,
            uploaded_at=new.uploaded_at,
        )

    def deposited(self, row_id: int, ciphertext_sm3: bytes) -> bool:
        """Record that a file is in the store; False if that was recorded before."""
        return (
            self._writing.change_rows(
                update(_EVIDENCE)
                .where(_EVIDENCE.c.id == row_id, _EVIDENCE.c.ciphertext_sm3.is_(None))
                .values(ciphertext_sm3=ciphertext_sm3)
            )
            == 1
        )

    def link(self, license_row_id: int, evidence: Sequence[Evidence]) -> None:
        """Say upon which evidence a license is issued, or one of its conditions is fulfilled."""
        linked = _linked_to(self._session, license_row_id)
        new = [each for each in evidence if each.row_id not in linked]
        if new:
            self._writing.add_rows(
                _LINK,
                [
                    {"license_id": license_row_id, "evidence_id": each.row_id, "position": at}
                    for at, each in enumerate(new, start=len(linked))
                ],
            )


def _linked_to(session: Reading, license_row_id: int) -> frozenset[int]:
    wanted = select(_LINK.c.evidence_id).where(_LINK.c.license_id == license_row_id)
    return frozenset(session.execute(wanted).scalars())


def _evidence(row: "Row[Any]") -> Evidence:
    return Evidence(
        row_id=row.id,
        evidence_id=row.evidence_id,
        organisation_code=row.organisation_code,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sm3=row.sm3,
        sha256=row.sha256,
        wrapped_key=row.wrapped_key,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        ciphertext_sm3=row.ciphertext_sm3,
    )
