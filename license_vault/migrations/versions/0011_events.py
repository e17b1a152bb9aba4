"""The outbox, webhooks, reports to the directory, and access grants.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _access()


def _access() -> None:
    op.create_table(
        "access_grant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("consumer_id", BIG, nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.Column("purpose_mac", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_texts", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_access_grant"),
        sa.ForeignKeyConstraint(
            ["consumer_id"], ["organisation.id"], name="fk_access_grant_consumer_id_organisation"
        ),
        sa.UniqueConstraint("number", name="uq_access_grant_number"),
    )
    op.create_index(
        "ix_access_grant_use",
        "access_grant",
        ["consumer_id", "item_code", "type_code", "purpose_mac"],
    )
    op.create_index("ix_access_grant_type_code", "access_grant", ["type_code"])
