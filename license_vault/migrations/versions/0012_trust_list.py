"""Tables of signed trust lists, their roots, approvals and sightings.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
_ACCEPTED = sa.text("state = 'accepted'")
_OPEN = sa.text("resolved_at IS NULL")


def upgrade() -> None:
    for name in ("trust_certificate", "trust_signer"):
        op.add_column(name, sa.Column("withdrawn_why", sa.String(), nullable=True))
    _lists()
    _approvals()
    _sightings()
    op.create_table(
        "national_root",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_national_root"),
        sa.UniqueConstraint("sm3", name="uq_national_root_sm3"),
    )


def _lists() -> None:
    op.create_table(
        "trust_root",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trust_root"),
        sa.UniqueConstraint("region", "sm3", name="uq_trust_root_region_sm3"),
    )
    _unique_where("uq_trust_root_accepted", "trust_root", ["region", "version"], _ACCEPTED)
    op.create_table(
        "trust_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("next_update", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trust_list"),
    )
    _unique_where("uq_trust_list_accepted", "trust_list", ["region", "sequence"], _ACCEPTED)
    op.create_index("ix_trust_list_region_state", "trust_list", ["region", "state", "sequence"])
    op.create_index("ix_trust_list_sm3", "trust_list", ["sm3"])


def _approvals() -> None:
    op.create_table(
        "trust_approval",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trust_approval"),
        sa.UniqueConstraint(
            "region",
            "sm3",
            "purpose",
            "person",
            name="uq_trust_approval_region_sm3_purpose_person",
        ),
    )


def _sightings() -> None:
    op.create_table(
        "trust_sighting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("shown_by", sa.String(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trust_sighting"),
        sa.UniqueConstraint(
            "region",
            "sequence",
            "sm3",
            "shown_by",
            name="uq_trust_sighting_region_sequence_sm3_shown_by",
        ),
    )
    op.create_table(
        "trust_split",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("kept_sm3", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trust_split"),
    )
    _unique_where("uq_trust_split_open", "trust_split", ["region"], _OPEN)
    op.create_table(
        "trust_refusal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("shown_by", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trust_refusal"),
        sa.UniqueConstraint(
            "region",
            "reason",
            "sm3",
            "shown_by",
            name="uq_trust_refusal_region_reason_sm3_shown_by",
        ),
    )


def _unique_where(name: str, table: str, columns: list[str], condition: sa.TextClause) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )
