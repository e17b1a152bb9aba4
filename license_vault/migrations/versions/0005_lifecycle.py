"""Versions of a license, what is due, marks and conditions.

Revision ID: 0005
Revises: 0004

Before: a license has one version, and its status moves when somebody moves it. After: versions
are linked, some wait for their day (``due_at``), several are issued as one group, and marks are
kept. Licenses that are there have no predecessor, and are looked at when their last day is over.

The code before this one runs on the new schema; what it issues meanwhile says the same, and its
period is judged by its dates, as always: only the status itself does not move to lapsed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


INSTANT = sa.DateTime(timezone=True)


BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The first instant after the last day, at +08:00, of licenses that have one and are in force.
LAPSES = {
    "sqlite": "datetime(valid_until, '+1 day', '-8 hours') || '.000000'",
    "postgresql": "((valid_until + 1)::timestamp AT TIME ZONE 'UTC') - interval '8 hours'",
}
DUE = (
    "UPDATE license SET due_at = {lapses} WHERE valid_until IS NOT NULL"
    " AND status IN ('valid', 'suspended', 'transferred')"
)


def upgrade() -> None:
    _versions()
    _marks()
    _answered_requests()


def _versions() -> None:
    op.add_column("license", sa.Column("predecessor_id", BIG, nullable=True))
    op.add_column("license", sa.Column("foreign_predecessor", sa.String(), nullable=True))
    op.add_column("license", sa.Column("group_id", BIG, nullable=True))
    op.add_column(
        "license", sa.Column("origin", sa.String(), nullable=False, server_default="issue")
    )
    op.add_column("license", sa.Column("in_force_from", INSTANT, nullable=True))
    op.add_column("license", sa.Column("due_at", INSTANT, nullable=True))
    op.add_column(
        "license_event",
        sa.Column("operate_type", sa.String(), nullable=False, server_default=""),
    )
    _unique_in_the_making("uq_license_successor_in_the_making", ["predecessor_id"])
    op.drop_index("uq_license_number_being_issued", "license")
    _unique_in_the_making(
        "uq_license_number_being_issued",
        ["authority_id", "type_code", "number_mac", "copy_kind", "copy_ordinal"],
    )
    op.create_index("ix_license_predecessor", "license", ["predecessor_id"], unique=False)
    for name, column in (("group", "group_id"), ("due", "due_at")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_license_{name}",
            "license",
            [column],
            unique=False,
            sqlite_where=there,
            postgresql_where=there,
        )
    op.execute(DUE.format(lapses=LAPSES[op.get_bind().dialect.name]))


def _unique_in_the_making(name: str, columns: list[str]) -> None:
    making = sa.text("status IN ('issuing', 'pending')")
    op.create_index(
        name,
        "license",
        columns,
        unique=True,
        sqlite_where=making,
        postgresql_where=making,
    )


def _marks() -> None:
    op.create_table(
        "license_mark",
        sa.Column("id", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_license_mark"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_mark_license_id_license"
        ),
    )
    op.create_index("ix_license_mark_license_id", "license_mark", ["license_id"], unique=False)
    standing = sa.text("until IS NULL")
    op.create_index(
        "uq_license_mark_standing",
        "license_mark",
        ["license_id", "mark", "reference"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def _answered_requests() -> None:
    op.create_table(
        "answered_request",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key_mac", sa.LargeBinary(), nullable=False),
        sa.Column("body_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key_mac", name="pk_answered_request"),
    )
