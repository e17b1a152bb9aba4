"""Bulk jobs, their rows, and adopted files.

Revision ID: 0010
Revises: 0009

Before: licenses come one by one. After: also by jobs over many rows, and files that were sealed
elsewhere are kept as they are, with what our verifier said of them.
The code before this one runs on the new schema: it does not know the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bulk_job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("input_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_orders", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("staged_bytes", sa.BigInteger(), nullable=False),
        sa.Column("staged_rows", sa.Integer(), nullable=False),
        sa.Column("staged_chunks", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("existing", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_bulk_job_organisation_id_organisation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_job"),
        sa.UniqueConstraint("name", name="uq_bulk_job_name"),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "input_sm3",
            name="uq_bulk_job_organisation_id_kind_input_sm3",
        ),
    )
    op.create_index("ix_bulk_job_state", "bulk_job", ["state", "id"])
    op.create_index("ix_bulk_job_organisation", "bulk_job", ["organisation_id", "id"])
    op.create_table(
        "bulk_chunk",
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sealed_rows", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_outcomes", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("existing", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["bulk_job.id"], name="fk_bulk_chunk_job_id_bulk_job"
        ),
        sa.PrimaryKeyConstraint("job_id", "ordinal", name="pk_bulk_chunk"),
    )
    op.create_table(
        "adopted_file",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("trust_level", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("codes", sa.String(), nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_adopted_file_license_id_license"
        ),
        sa.PrimaryKeyConstraint("license_id", "form", name="pk_adopted_file"),
        sa.UniqueConstraint("sm3", name="uq_adopted_file_sm3"),
    )
