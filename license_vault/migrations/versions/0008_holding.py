"""Mandates, deliveries, prints, reminders, journals and disputes.

Revision ID: 0008
Revises: 0007

Only adds tables and one index. A holder without a journal head has no journal yet: uses before
this migration are in the logs of their time only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("answered_at IS NULL")
RECEIPT = sa.text("channel = 'download'")
ENDING = sa.text("status = 'valid' AND valid_until IS NOT NULL")


def upgrade() -> None:
    _make_journal()
    _make_mandates()
    _make_papers()
    _make_disputes()


def _make_journal() -> None:
    op.create_table(
        "journal_entry",
        _id(),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("sealed_entry", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_entry"),
        _to("journal_entry", "holder_id", "holder"),
        _to("journal_entry", "license_id", "license"),
        sa.UniqueConstraint("holder_id", "sequence", name="uq_journal_entry_holder_id_sequence"),
    )
    op.create_index("ix_journal_entry_license_id", "journal_entry", ["license_id"])
    op.create_table(
        "journal_head",
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id", name="pk_journal_head"),
        _to("journal_head", "holder_id", "holder"),
    )


def _make_mandates() -> None:
    op.create_table(
        "mandate",
        _id(),
        sa.Column("mandate_id", sa.String(), nullable=False),
        sa.Column("principal_id", BIG, nullable=False),
        sa.Column("agent_mac", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("type_codes", sa.String(), nullable=False),
        sa.Column("actions", sa.String(), nullable=False),
        sa.Column("begins_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("license_id", BIG, nullable=True),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mandate"),
        _to("mandate", "principal_id", "holder"),
        _to("mandate", "license_id", "license"),
        sa.UniqueConstraint("mandate_id", name="uq_mandate_mandate_id"),
    )
    op.create_index("ix_mandate_principal_id", "mandate", ["principal_id"])
    op.create_index("ix_mandate_agent_mac", "mandate", ["agent_mac"])
    op.create_table(
        "holder_handle",
        _id(),
        sa.Column("handle_mac", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("given_to", sa.String(), nullable=False),
        sa.Column("evidence_kind", sa.String(), nullable=False),
        sa.Column("sealed_evidence", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holder_handle"),
        _to("holder_handle", "holder_id", "holder"),
        sa.UniqueConstraint("handle_mac", name="uq_holder_handle_handle_mac"),
    )
    op.create_index("ix_holder_handle_holder_id", "holder_handle", ["holder_id"])


def _make_papers() -> None:
    op.create_table(
        "delivery",
        _id(),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        _to("delivery", "license_id", "license"),
        sa.UniqueConstraint("delivery_id", name="uq_delivery_delivery_id"),
    )
    op.create_index("ix_delivery_license_id", "delivery", ["license_id"])
    op.create_index(
        "uq_delivery_receipt",
        "delivery",
        ["license_id"],
        unique=True,
        sqlite_where=RECEIPT,
        postgresql_where=RECEIPT,
    )
    op.create_table(
        "license_print",
        _id(),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_license_print"),
        _to("license_print", "license_id", "license"),
        sa.UniqueConstraint("code", name="uq_license_print_code"),
        sa.UniqueConstraint("license_id", "number", name="uq_license_print_license_id_number"),
    )
    op.create_table(
        "reminder",
        _id(),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reminder"),
        _to("reminder", "license_id", "license"),
        sa.UniqueConstraint("license_id", "days", name="uq_reminder_license_id_days"),
    )
    op.create_index(
        "ix_license_ending",
        "license",
        ["valid_until"],
        sqlite_where=ENDING,
        postgresql_where=ENDING,
    )


def _make_disputes() -> None:
    op.create_table(
        "dispute",
        _id(),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("sealed_grounds", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dispute"),
        _to("dispute", "license_id", "license"),
        _to("dispute", "holder_id", "holder"),
        sa.UniqueConstraint("number", name="uq_dispute_number"),
    )
    op.create_index("ix_dispute_license_id", "dispute", ["license_id"])
    op.create_index("ix_dispute_holder_id", "dispute", ["holder_id"])
    op.create_index(
        "ix_dispute_open", "dispute", ["id"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, nullable=False)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
