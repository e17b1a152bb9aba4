"""The rows of status lists in two files and their changes, as SQLModel classes.

Conventions are those of ``tables``. The in-force plane stands with the publication itself
(``StatusPublicationRow.der``).
"""

from sqlmodel import SQLModel

from license_vault.database.columns import reference


class StatusFilesRow(SQLModel, table=True):
    """The other files of a publication; empty: there were no changes to tell, or not kept.

    A publication without such a row is of the first form, one file of four bits a license.
    """

    __tablename__ = "status_files"

    publication_id: int = reference("status_publication.id", primary_key=True)
    reasons: bytes
    changes: bytes  # since the publication before; kept for ever
