"""Tables of the issue log: entries, tiles, checkpoints and countersignatures.

Licenses that were issued before the log began are entered at its beginning, in the order of
their rows; adopted files, which others issued, are not. Leaves and tiles of them are made with
the first checkpoint.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

_ENTERED = """
    INSERT INTO issue_log_entry (license_id, content_id, recorded_at, position)
    SELECT license.id, license.content_id, license.recorded_at,
           row_number() OVER (ORDER BY license.id) - 1
      FROM license
     WHERE NOT EXISTS (SELECT 1 FROM adopted_file WHERE adopted_file.license_id = license.id)
     ORDER BY license.id
"""


def upgrade() -> None:
    _entries()
    _trees()
    _checkpoints()
    op.execute(_ENTERED)


def _entries() -> None:
    op.create_table(
        "issue_log_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_issue_log_entry"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_issue_log_entry_license_id_license"
        ),
        sa.UniqueConstraint("license_id", name="uq_issue_log_entry_license_id"),
        sa.UniqueConstraint("content_id", name="uq_issue_log_entry_content_id"),
        sa.UniqueConstraint("position", name="uq_issue_log_entry_position"),
    )
    op.create_index(
        "ix_issue_log_entry_waiting",
        "issue_log_entry",
        ["id"],
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )


def _trees() -> None:
    op.create_table(
        "issue_log_head",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", name="pk_issue_log_head"),
    )
    op.create_table(
        "issue_log_tile",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region", "level", "number", name="pk_issue_log_tile"),
    )
    op.create_table(
        "issue_log_leaf",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("first_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "leaf", name="pk_issue_log_leaf"),
    )


def _checkpoints() -> None:
    op.create_table(
        "issue_log_checkpoint",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("first_der", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("last_der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issue_log_checkpoint"),
        sa.UniqueConstraint("region", "size", name="uq_issue_log_checkpoint_region_size"),
    )
    op.create_table(
        "issue_log_countersignature",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issue_log_countersignature"),
        sa.UniqueConstraint(
            "region", "size", "witness", name="uq_issue_log_countersignature_region_size_witness"
        ),
    )
    op.create_table(
        "issue_log_alarm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("shown_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issue_log_alarm"),
        sa.UniqueConstraint("region", "shown_sm3", name="uq_issue_log_alarm_region_shown_sm3"),
    )
