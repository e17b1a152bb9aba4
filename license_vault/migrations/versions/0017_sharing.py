"""Tables of the shared catalogue, use lists, maps and verification receipts.

Revision ID: 0017
Revises: 0016

Before: a region says nowhere what it shares or accepts. After: it publishes that, signed, keeps
what its partners publish, keeps the receipts of verifications it signed, and partners' licenses in
their holders' vaults. The code before this one runs on the new schema: it does not know the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _documents()
    _receipts()
    _partner_licenses()


def _documents() -> None:
    op.create_table(
        "sharing_document",
        sa.Column("id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("taken_in_at", INSTANT, nullable=False),
        sa.Column("taken_in_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sharing_document"),
        sa.UniqueConstraint(
            "region", "kind", "version", name="uq_sharing_document_region_kind_version"
        ),
    )


def _receipts() -> None:
    op.create_table(
        "verification_receipt",
        sa.Column("id", BIG, nullable=False),
        sa.Column("receipt_id", sa.String(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_receipt", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verification_receipt"),
        sa.UniqueConstraint("receipt_id", name="uq_verification_receipt_receipt_id"),
    )
    op.create_index(
        "ix_verification_receipt_requester", "verification_receipt", ["requester", "id"]
    )
    op.create_index("ix_verification_receipt_sm3", "verification_receipt", ["sm3"])


def _partner_licenses() -> None:
    op.create_table(
        "partner_license",
        sa.Column("id", BIG, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.Column("authority_code", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(), nullable=False),
        sa.Column("trust_level", sa.String(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("taken_in_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner_license"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_partner_license_holder_id_holder"
        ),
        sa.UniqueConstraint("handle", name="uq_partner_license_handle"),
        sa.UniqueConstraint("object_key", name="uq_partner_license_object_key"),
        sa.UniqueConstraint(
            "holder_id", "content_id", "form", name="uq_partner_license_holder_id_content_id_form"
        ),
    )
    op.create_index("ix_partner_license_identifier", "partner_license", ["identifier"])
    op.create_index("ix_partner_license_sm3", "partner_license", ["sm3"])
