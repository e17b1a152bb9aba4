"""Evidence, conditions, parts of composite licenses, and packages.

Revision ID: 0006
Revises: 0005

Before: a license stands for itself and is issued without reserve. After: it may be issued upon
evidence, with conditions, in parts, and together with others. Licenses that are there have none
of these; the code before this one runs on the new schema and makes none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _evidence()
    _conditions_and_parts()
    _packages()


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("ciphertext_sm3", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("evidence_id", name="uq_evidence_evidence_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_evidence_organisation_id_organisation"
        ),
    )
    op.create_index("ix_evidence_organisation_id", "evidence", ["organisation_id"])
    op.create_table(
        "license_evidence",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("evidence_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("license_id", "evidence_id", name="pk_license_evidence"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_evidence_license_id_license"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="fk_license_evidence_evidence_id_evidence"
        ),
    )
    op.create_index("ix_license_evidence_evidence_id", "license_evidence", ["evidence_id"])


def _conditions_and_parts() -> None:
    op.create_table(
        "license_condition",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("fulfilled_at", INSTANT, nullable=True),
        sa.Column("fulfilled_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("license_id", "position", name="pk_license_condition"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_condition_license_id_license"
        ),
    )
    op.create_table(
        "license_part",
        sa.Column("id", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("authority_code", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_license_part"),
        sa.UniqueConstraint("license_id", "position", name="uq_license_part_license_id_position"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_part_license_id_license"
        ),
    )
    op.create_index("ix_license_part_authority_code", "license_part", ["authority_code"])
    op.create_index("ix_license_part_valid_until", "license_part", ["valid_until"])
    op.create_table(
        "license_part_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("sealed_basis", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_license_part_event"),
        sa.ForeignKeyConstraint(
            ["part_id"], ["license_part.id"], name="fk_license_part_event_part_id_license_part"
        ),
    )
    op.create_index("ix_license_part_event_part_id", "license_part_event", ["part_id"])


def _packages() -> None:
    op.create_table(
        "license_package",
        sa.Column("id", BIG, nullable=False),
        sa.Column("package_id", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("case_mac", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_license_package"),
        sa.UniqueConstraint("package_id", name="uq_license_package_package_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_license_package_organisation_id_organisation",
        ),
    )
    op.create_index("ix_license_package_organisation_id", "license_package", ["organisation_id"])
    op.create_table(
        "package_license",
        sa.Column("package_id", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("package_id", "license_id", name="pk_package_license"),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["license_package.id"],
            name="fk_package_license_package_id_license_package",
        ),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_package_license_license_id_license"
        ),
    )
    op.create_index("ix_package_license_license_id", "package_license", ["license_id"])
