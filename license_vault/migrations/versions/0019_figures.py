"""Tables of the canary and of what cases need; when a report was first accepted; licenses by day.

Revision ID: 0019
Revises: 0018

Before: nobody sees whether a node can seal and verify but by using it, and what happened on a day
is not counted. After: the canary's runs are kept, cases say how many licenses needed no paper, and
a report keeps when the directory first took it, whatever is told of the license later; of reports
from before the last answer stands for it. The code before this one runs on the new schema: it
knows neither tables nor column, and its reports are counted once they are answered by new code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "canary_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("failed_step", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seal_milliseconds", sa.Integer(), nullable=False),
        sa.Column("verify_milliseconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canary_run"),
    )
    op.create_index("ix_canary_run_began_at", "canary_run", ["began_at"])
    op.create_table(
        "case_waiver",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("waived", sa.Integer(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_waiver"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name="fk_case_waiver_case_id_service_case"
        ),
    )
    op.create_index("ix_case_waiver_counted_at", "case_waiver", ["counted_at"])
    op.add_column("directory_report", sa.Column("first_accepted_at", INSTANT, nullable=True))
    op.execute(
        "UPDATE directory_report SET first_accepted_at = answered_at WHERE state = 'accepted'"
    )
    op.create_index("ix_license_recorded_at", "license", ["recorded_at"])
