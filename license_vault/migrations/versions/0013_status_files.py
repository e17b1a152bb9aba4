"""Tables of status lists in two files and their changes.

Revision ID: 0013
Revises: 0012

Before: one signed file a publication, four bits a license; lists are drawn from as a whole. After:
the reasons and the changes stand beside the in-force plane, and new lists are filled window by
window. Lists and publications that are there stay as they are: a list without ``opened`` is drawn
from as a whole, and the next publication of each is in the new form.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("status_shard", sa.Column("opened", sa.Integer(), nullable=True))
    op.create_table(
        "status_files",
        sa.Column("publication_id", BIG, nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", name="pk_status_files"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["status_publication.id"],
            name="fk_status_files_publication_id_status_publication",
        ),
    )
