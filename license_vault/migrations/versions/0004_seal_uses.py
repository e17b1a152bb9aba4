"""Seal uses, and the forms that each license has.

Revision ID: 0004
Revises: 0003

Before: a license is one PDF, and what its seals' keys were used for is not recorded. After: each
license says which forms it has, and each use of a seal's key is intended before it happens.
Licenses that are there have the PDF only and no uses on record; that is what ``forms`` says of
them, for ever.

The code before this one runs on the new schema: the licenses it issues say the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "license", sa.Column("intended_forms", sa.String(), nullable=False, server_default="pdf")
    )
    op.create_table(
        "seal_use",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("key_label", sa.String(), nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("request_sm3", sa.LargeBinary(), nullable=True),
        sa.Column("approvals", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("intended_at", INSTANT, nullable=False),
        sa.Column("signed_sm3", sa.LargeBinary(), nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seal_use"),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_seal_use_seal_id_seal"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_seal_use_license_id_license"
        ),
        sa.UniqueConstraint(
            "license_id",
            "form",
            "position",
            "key_label",
            name="uq_seal_use_license_id_form_position_key_label",
        ),
    )
    op.create_index("ix_seal_use_seal_id", "seal_use", ["seal_id"], unique=False)
    op.create_index("ix_seal_use_key_label", "seal_use", ["key_label"], unique=False)
