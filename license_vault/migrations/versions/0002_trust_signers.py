"""Trust signers: end certificates that a region stands for by name.

Revision ID: 0002
Revises: 0001

Before: verifiers are told of CAs only. After: also of seal makers and of the library's own key.
The code before this one runs on the new schema: it does not know the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "trust_signer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trust_signer"),
        sa.UniqueConstraint("sm3", "role", name="uq_trust_signer_sm3_role"),
    )
