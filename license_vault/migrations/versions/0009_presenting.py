"""Devices, presenting codes, receipts and purpose-bound copies.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", BIG, nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_mac", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_device_organisation_id_organisation"
        ),
        sa.UniqueConstraint("device_id", name="uq_device_device_id"),
    )
    op.create_index("ix_device_organisation_id", "device", ["organisation_id"], unique=False)
    op.create_table(
        "device_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_mac", sa.LargeBinary(), nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_device_token"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_device_token_device_id_device"
        ),
        sa.UniqueConstraint("token_mac", name="uq_device_token_token_mac"),
    )
    op.create_index("ix_device_token_device_id", "device_token", ["device_id"], unique=False)
    op.create_table(
        "presentation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("sealed_order", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_receipt", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_presentation"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_presentation_holder_id_holder"
        ),
        sa.UniqueConstraint("code_mac", name="uq_presentation_code_mac"),
        sa.UniqueConstraint("presentation_id", name="uq_presentation_presentation_id"),
    )
    op.create_index("ix_presentation_holder_id", "presentation", ["holder_id"], unique=False)
    op.create_table(
        "license_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("copy_id", sa.String(), nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("sealed_record", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_sm3", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_license_copy"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_copy_license_id_license"
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_license_copy_holder_id_holder"
        ),
        sa.UniqueConstraint("copy_id", name="uq_license_copy_copy_id"),
        sa.UniqueConstraint("object_key", name="uq_license_copy_object_key"),
    )
    op.create_index("ix_license_copy_holder_id", "license_copy", ["holder_id"], unique=False)
    op.create_index("ix_license_copy_license_id", "license_copy", ["license_id"], unique=False)
    op.create_index("ix_license_copy_sm3", "license_copy", ["sm3"], unique=False)
