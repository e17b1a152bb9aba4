"""Tables of partner regions: what was pulled from each, and how they answer.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NEWEST = sa.text("superseded_at IS NULL")


def upgrade() -> None:
    _partners()
    _status_lists()
    _revocation_lists()


def _partners() -> None:
    op.create_table(
        "partner",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("further_urls", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner"),
        sa.UniqueConstraint("region", name="uq_partner_region"),
    )
    op.create_table(
        "partner_state",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("succeeded_at", INSTANT, nullable=True),
        sa.Column("failed_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner_state"),
        sa.UniqueConstraint("region", "part", name="uq_partner_state_region_part"),
    )


def _status_lists() -> None:
    op.create_table(
        "partner_status_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("states", sa.LargeBinary(), nullable=False),
        sa.Column("signed_file", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_partner_status_list"),
    )
    _newest("uq_partner_status_list_newest", "partner_status_list", "uri", unique=True)
    _newest("ix_partner_status_list_region", "partner_status_list", "region", unique=False)
    op.create_index(
        "ix_partner_status_list_uri_issued_at", "partner_status_list", ["uri", "issued_at"]
    )


def _revocation_lists() -> None:
    op.create_table(
        "partner_revocation_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("issuer_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", INSTANT, nullable=False),
        sa.Column("next_update", INSTANT, nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_partner_revocation_list"),
        sa.UniqueConstraint("region", "sm3", name="uq_partner_revocation_list_region_sm3"),
    )
    _newest(
        "uq_partner_revocation_list_newest",
        "partner_revocation_list",
        "region",
        "issuer_sm3",
        unique=True,
    )


def _newest(name: str, table: str, *columns: str, unique: bool) -> None:
    op.create_index(
        name,
        table,
        list(columns),
        unique=unique,
        sqlite_where=NEWEST,
        postgresql_where=NEWEST,
    )
