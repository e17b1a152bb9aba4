"""The publications of status lists as rows: which there are, and their files.

Changes are kept for ever, the two whole files of the newest publications and of some of the
others: every state that was ever published can be told again, and its digest is signed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.status_tables import StatusFilesRow
from license_vault.database.tables import StatusPublicationRow
from license_vault.status.shards import StatusShard

# Whoever fetches one whole file gets the other of the same sequence for some ten minutes.
WHOLE_KEPT = 64
# Of the older ones, every so many-th stays.
WHOLE_EVERY = 256

_PUBLICATION = table_of(StatusPublicationRow)
_FILES = table_of(StatusFilesRow)
_HEADS = (
    select(
        _PUBLICATION.c.id,
        _PUBLICATION.c.sequence,
        _PUBLICATION.c.issued_at,
        _PUBLICATION.c.next_update,
        _PUBLICATION.c.states_sm3,
        _FILES.c.publication_id.is_not(None),
    )
    .outerjoin(_FILES, _FILES.c.publication_id == _PUBLICATION.c.id)
    .order_by(_PUBLICATION.c.sequence.desc())
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication of one list; ``in_two_files`` is false of those of the first form."""

    row_id: int
    sequence: int
    issued_at: datetime
    next_update: datetime
    states_sm3: bytes
    in_two_files: bool


@dataclass(frozen=True, slots=True)
class StatusFiles:
    """The signed files (DER) of a publication; ``changes`` empty: it is a list's first."""

    plane: bytes
    reasons: bytes
    changes: bytes


class Publications:
    """Finds publications of lists."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def newest(self, shard: StatusShard) -> Publication | None:
        """Return a list's newest publication, None if there is none."""
        return self._one(_PUBLICATION.c.shard_id == shard.row_id)

    def of_sequence(self, shard: StatusShard, sequence: int) -> Publication | None:
        """Return a publication by its sequence, None if there is none."""
        return self._one(
            _PUBLICATION.c.shard_id == shard.row_id, _PUBLICATION.c.sequence == sequence
        )

    def newest_whole(self, shard: StatusShard, sequence: int) -> Publication | None:
        """Return the newest publication, up to a sequence, whose two whole files are kept."""
        return self._one(
            _PUBLICATION.c.shard_id == shard.row_id,
            _PUBLICATION.c.sequence <= sequence,
            _FILES.c.reasons != b"",
        )

    def files(self, publication: Publication) -> StatusFiles | None:
        """Return the files of a publication; None where the two whole ones are not kept."""
        row = self._session.execute(
            select(_PUBLICATION.c.der, _FILES.c.reasons, _FILES.c.changes)
            .join(_FILES, _FILES.c.publication_id == _PUBLICATION.c.id)
            .where(_PUBLICATION.c.id == publication.row_id)
        ).first()
        return None if row is None or not row.reasons else StatusFiles(*row)

    def changes_between(self, shard: StatusShard, since: int, until: int) -> tuple[bytes, ...]:
        """Return the signed changes of the publications behind ``since`` up to ``until``."""
        rows = self._session.execute(
            select(_FILES.c.changes)
            .join(_PUBLICATION, _FILES.c.publication_id == _PUBLICATION.c.id)
            .where(
                _PUBLICATION.c.shard_id == shard.row_id,
                _PUBLICATION.c.sequence > since,
                _PUBLICATION.c.sequence <= until,
                _FILES.c.changes != b"",
            )
            .order_by(_PUBLICATION.c.sequence)
        )
        return tuple(rows.scalars())

    def _one(self, *wanted: ColumnElement[bool]) -> Publication | None:
        row = self._session.execute(_HEADS.where(*wanted).limit(1)).first()
        return None if row is None else Publication(*row)


class PublicationWriter(Publications):
    """Adds publications."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, shard: StatusShard, publication: Publication, files: StatusFiles) -> Publication:
        """Add a publication (its key is given here), and let go of whole files of an older one.

        Raises:
            RowConflictError: somebody has just published the same sequence.
        """
        row_id = self._writing.add_row(
            _PUBLICATION,
            shard_id=shard.row_id,
            sequence=publication.sequence,
            issued_at=publication.issued_at,
            next_update=publication.next_update,
            states_sm3=publication.states_sm3,
            der=files.plane,
        )
        self._writing.add_row(
            _FILES, publication_id=row_id, reasons=files.reasons, changes=files.changes
        )
        older = publication.sequence - WHOLE_KEPT
        if older % WHOLE_EVERY != 1:
            self._let_go(shard, older)
        return Publication(
            row_id,
            publication.sequence,
            publication.issued_at,
            publication.next_update,
            publication.states_sm3,
            in_two_files=True,
        )

    def _let_go(self, shard: StatusShard, sequence: int) -> None:
        found = self.of_sequence(shard, sequence)
        if found is None or not found.in_two_files:
            return
        self._writing.change_rows(
            update(_FILES).where(_FILES.c.publication_id == found.row_id).values(reasons=b"")
        )
        self._writing.change_rows(
            update(_PUBLICATION).where(_PUBLICATION.c.id == found.row_id).values(der=b"")
        )
