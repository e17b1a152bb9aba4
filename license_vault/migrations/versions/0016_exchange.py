"""Tables of requests and answers between regions, quotas, disputes that travel.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _exchange()
    _messages_and_counts()
    _partner_dispute()
    _dispute_origin()


def _exchange() -> None:
    op.create_table(
        "exchange",
        sa.Column("id", BIG, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("exchange_id", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("content_mac", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exchange"),
        sa.UniqueConstraint(
            "direction", "region", "exchange_id", name="uq_exchange_direction_region_exchange_id"
        ),
    )
    op.create_index("ix_exchange_exchange_id", "exchange", ["exchange_id"])
    op.create_index("ix_exchange_organisation", "exchange", ["organisation", "id"])


def _messages_and_counts() -> None:
    op.create_table(
        "exchange_message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("exchange_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_message"),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchange.id"], name="fk_exchange_message_exchange_id_exchange"
        ),
        sa.UniqueConstraint("sm3", name="uq_exchange_message_sm3"),
    )
    op.create_index("ix_exchange_message_exchange_id", "exchange_message", ["exchange_id", "kind"])
    op.create_table(
        "exchange_count",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "operation", "seconds", name="pk_exchange_count"),
    )


def _partner_dispute() -> None:
    op.create_table(
        "partner_dispute",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("holder_mac", sa.LargeBinary(), nullable=True),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("exchange_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_question", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner_dispute"),
        sa.UniqueConstraint("reference", name="uq_partner_dispute_reference"),
        sa.UniqueConstraint("region", "number", name="uq_partner_dispute_region_number"),
    )
    op.create_index(
        "ix_partner_dispute_due",
        "partner_dispute",
        ["next_at"],
        sqlite_where=sa.text("state IN ('sending', 'open')"),
        postgresql_where=sa.text("state IN ('sending', 'open')"),
    )
    op.create_index("ix_partner_dispute_organisation", "partner_dispute", ["organisation", "id"])
    op.create_index("ix_partner_dispute_holder_mac", "partner_dispute", ["holder_mac", "id"])


def _dispute_origin() -> None:
    op.create_table(
        "dispute_origin",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("exchange_id", sa.String(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_dispute_origin"),
        sa.UniqueConstraint("region", "reference", name="uq_dispute_origin_region_reference"),
    )
    op.create_index(
        "ix_dispute_origin_due",
        "dispute_origin",
        ["next_at"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
