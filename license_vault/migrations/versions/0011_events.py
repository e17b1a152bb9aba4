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
    _runner_and_outbox()
    _webhooks()
    _directory()


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


def _runner_and_outbox() -> None:
    op.create_table(
        "task_lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("held_until", INSTANT, nullable=True),
        sa.Column("began_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_task_lease"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("license_id", BIG, nullable=True),
        sa.Column("organisation_id", BIG, nullable=True),
        sa.Column("type_code", sa.String(), nullable=True),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("spread_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_outbox_license_id_license"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_outbox_organisation_id_organisation"
        ),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["id"],
        sqlite_where=sa.text("spread_at IS NULL"),
        postgresql_where=sa.text("spread_at IS NULL"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("sealed_url", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("type_codes", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("alarmed_at", INSTANT, nullable=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_webhook_organisation_id_organisation"
        ),
        sa.UniqueConstraint("number", name="uq_webhook_number"),
    )
    op.create_index("ix_webhook_organisation_id", "webhook", ["organisation_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("webhook_id", BIG, nullable=False),
        sa.Column("outbox_id", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name="fk_webhook_delivery_webhook_id_webhook"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name="fk_webhook_delivery_outbox_id_outbox"
        ),
        sa.UniqueConstraint("number", name="uq_webhook_delivery_number"),
        sa.UniqueConstraint(
            "webhook_id", "outbox_id", name="uq_webhook_delivery_webhook_id_outbox_id"
        ),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["next_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _directory() -> None:
    op.create_table(
        "directory_report",
        sa.Column("license_id", BIG, nullable=False, autoincrement=False),
        sa.Column("outbox_id", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_since", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("errors", sa.String(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("license_id", name="pk_directory_report"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_directory_report_license_id_license"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name="fk_directory_report_outbox_id_outbox"
        ),
    )
    op.create_index("ix_directory_report_due", "directory_report", ["state", "next_at"])
