"""Cases, what items need, and copied fields.

Revision ID: 0007
Revises: 0006

Only new tables, and two indexes: by which a case finds the license that was issued in it, and a
sealed form the sealing it came from. The code before this one runs on the new schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _definitions()
    _cases()
    _documents()
    _decisions()
    _copied_fields()
    op.create_index("ix_license_case_mac", "license", ["case_mac"], unique=False)
    op.create_index(
        "ix_document_sealing_result_sm3", "document_sealing", ["result_sm3"], unique=False
    )


def _definitions() -> None:
    op.create_table(
        "item_definition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("put_by", sa.String(), nullable=False),
        sa.Column("put_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_item_definition"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["approval_item.id"], name="fk_item_definition_item_id_approval_item"
        ),
        sa.UniqueConstraint("item_id", "version", name="uq_item_definition_item_id_version"),
    )
    op.create_table(
        "item_result",
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("definition_id", "type_code", name="pk_item_result"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["item_definition.id"],
            name="fk_item_result_definition_id_item_definition",
        ),
    )


def _cases() -> None:
    op.create_table(
        "service_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("case_mac", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed_case", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_case"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["item_definition.id"],
            name="fk_service_case_definition_id_item_definition",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_service_case_organisation_id_organisation",
        ),
        sa.UniqueConstraint("handle", name="uq_service_case_handle"),
        sa.UniqueConstraint(
            "case_mac", "organisation_id", name="uq_service_case_case_mac_organisation_id"
        ),
    )
    op.create_index(
        "ix_service_case_definition_id", "service_case", ["definition_id"], unique=False
    )
    op.create_index(
        "ix_service_case_state", "service_case", ["organisation_id", "state", "id"], unique=False
    )
    op.create_table(
        "case_holder",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lookup_mac", sa.LargeBinary(), nullable=False),
        sa.Column("holder_handle", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "position", name="pk_case_holder"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name="fk_case_holder_case_id_service_case"
        ),
    )


def _documents() -> None:
    op.create_table(
        "case_document",
        sa.Column("id", BIG, nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_report", sa.LargeBinary(), nullable=False),
        sa.Column("sheet_id", BIG, nullable=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_document"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name="fk_case_document_case_id_service_case"
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["case_document.id"], name="fk_case_document_sheet_id_case_document"
        ),
        sa.UniqueConstraint("handle", name="uq_case_document_handle"),
        sa.UniqueConstraint("object_key", name="uq_case_document_object_key"),
    )
    op.create_index("ix_case_document_case_id", "case_document", ["case_id"], unique=False)


def _decisions() -> None:
    op.create_table(
        "case_decision",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("request_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("approvals", sa.String(), nullable=False),
        sa.Column("sealed_basis", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_decision"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name="fk_case_decision_case_id_service_case"
        ),
    )


def _copied_fields() -> None:
    op.create_table(
        "copied_field",
        sa.Column("id", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("source_path", sa.String(), nullable=False),
        sa.Column("seen_id", BIG, nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("stale_since", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_copied_field"),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_copied_field_license_id_license"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["license.id"], name="fk_copied_field_source_id_license"
        ),
        sa.ForeignKeyConstraint(
            ["seen_id"], ["license.id"], name="fk_copied_field_seen_id_license"
        ),
        sa.UniqueConstraint("license_id", "path", name="uq_copied_field_license_id_path"),
    )
    op.create_index("ix_copied_field_source_id", "copied_field", ["source_id"], unique=False)
    op.create_index("ix_copied_field_seen_id", "copied_field", ["seen_id"], unique=False)
    op.create_index(
        "ix_copied_field_moved",
        "copied_field",
        ["id"],
        unique=False,
        sqlite_where=sa.text("moved"),
        postgresql_where=sa.text("moved"),
    )
    op.create_index("ix_copied_field_stale", "copied_field", ["stale_since"], unique=False)
