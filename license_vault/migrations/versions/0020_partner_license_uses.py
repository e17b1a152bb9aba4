"""Uses of partners' licenses in journals, and whom such a license names.

Revision ID: 0020
Revises: 0019

Before: an entry of a journal names a license of this library. After: it names one of this library
or one of a partner region that its holder took in, and a license taken in keeps, encrypted, whom
it names; of those from before that is not known. Nothing that stands in a journal is changed.
The code before this one adds entries as before; it does not read those of partners' licenses, and
its fsck tells them as missing until the new code looks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # SQLite cannot change a column in place: the table is copied there, in this transaction.
    with op.batch_alter_table("journal_entry") as entry:
        entry.alter_column("license_id", existing_type=BIG, nullable=True)
        entry.add_column(sa.Column("partner_license_id", BIG, nullable=True))
        entry.create_foreign_key(
            "fk_journal_entry_partner_license_id_partner_license",
            "partner_license",
            ["partner_license_id"],
            ["id"],
        )
    op.add_column("partner_license", sa.Column("sealed_holder", sa.LargeBinary(), nullable=True))
    op.create_index("ix_journal_entry_partner_license_id", "journal_entry", ["partner_license_id"])
