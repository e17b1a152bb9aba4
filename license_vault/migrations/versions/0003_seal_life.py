"""Seals as people use them: applications, making, roles, consents; items and their officers.

Revision ID: 0003
Revises: 0002

Before: a seal is installed and active at once. After: it is applied for, approved, made, filed.
Seals that were installed stay active as they are: filed without a number, not yet made after
GB/T 38540 (``seal remake`` and ``seal make`` do that). One that was retired is cancelled.

The code before this one runs on the new schema as long as no seal that is granted is made again
or cancelled: it does not know those states. So change seals when every node has the new code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_to_seals()
    _add_making()
    _add_holders()
    _add_roles()
    _add_approvals()


def _add_to_seals() -> None:
    empty = {"postgresql": sa.text("''::bytea")}.get(op.get_bind().dialect.name, sa.text("x''"))
    for column in (
        sa.Column("kind", sa.String(), nullable=False, server_default="special"),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("ses", sa.LargeBinary(), nullable=False, server_default=empty),
        sa.Column("filing_number", sa.String(), nullable=True),
        sa.Column("cancellation_number", sa.String(), nullable=True),
    ):
        op.add_column("seal", column)
    op.execute(
        "UPDATE seal SET name = (SELECT organisation.name FROM organisation"
        " WHERE organisation.id = seal.owner_id)"
    )
    op.execute("UPDATE seal SET state = 'cancelled' WHERE state = 'retired'")


def _add_making() -> None:
    op.create_table(
        "seal_application",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("applied_by", sa.String(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decision_basis", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_seal_application_seal_id_seal"),
        sa.PrimaryKeyConstraint("id", name="pk_seal_application"),
    )
    op.create_index("ix_seal_application_seal_id", "seal_application", ["seal_id"], unique=False)
    op.create_table(
        "seal_making",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("maker_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("ses", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_seal_making_seal_id_seal"),
        sa.PrimaryKeyConstraint("id", name="pk_seal_making"),
    )
    op.create_index("ix_seal_making_seal_id", "seal_making", ["seal_id"], unique=False)


def _add_holders() -> None:
    op.create_table(
        "holder_seal",
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("sealed_data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_holder_seal_holder_id_holder"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_holder_seal_seal_id_seal"),
        sa.PrimaryKeyConstraint("seal_id", name="pk_holder_seal"),
    )
    op.create_index("ix_holder_seal_holder_id", "holder_seal", ["holder_id"], unique=False)
    op.create_table(
        "seal_consent",
        sa.Column("id", BIG, nullable=False),
        sa.Column("consent_id", sa.String(), nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("document_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_purpose", sa.LargeBinary(), nullable=False),
        sa.Column("key_mac", sa.LargeBinary(), nullable=False),
        sa.Column("body_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_seal_consent_holder_id_holder"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_seal_consent_seal_id_seal"),
        sa.PrimaryKeyConstraint("id", name="pk_seal_consent"),
        sa.UniqueConstraint("consent_id", name="uq_seal_consent_consent_id"),
        sa.UniqueConstraint("holder_id", "key_mac", name="uq_seal_consent_holder_id_key_mac"),
    )
    op.create_index("ix_seal_consent_seal_id", "seal_consent", ["seal_id"], unique=False)
    op.create_table(
        "document_sealing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("key_label", sa.String(), nullable=False),
        sa.Column("consent_id", BIG, nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key_mac", sa.LargeBinary(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("document_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("signed_sm3", sa.LargeBinary(), nullable=True),
        sa.Column("result_sm3", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["seal_consent.id"], name="fk_document_sealing_consent_id_seal_consent"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_document_sealing_seal_id_seal"),
        sa.PrimaryKeyConstraint("id", name="pk_document_sealing"),
        sa.UniqueConstraint("actor", "key_mac", name="uq_document_sealing_actor_key_mac"),
    )
    op.create_index("ix_document_sealing_seal_id", "document_sealing", ["seal_id"], unique=False)


def _add_roles() -> None:
    op.create_table(
        "seal_role",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seal_role"),
    )
    _unique_where("uq_seal_role_live", "seal_role", "person", "withdrawn_at IS NULL")


def _add_approvals() -> None:
    op.create_table(
        "approval_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_item"),
        sa.UniqueConstraint("code", name="uq_approval_item_code"),
    )
    op.create_table(
        "officer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("sealed_certificate", sa.LargeBinary(), nullable=False),
        sa.Column("key_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("disabled_by", sa.String(), nullable=True),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_officer_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_officer"),
    )
    op.create_index("ix_officer_officer_id", "officer", ["officer_id"], unique=False)
    op.create_index("ix_officer_key_sm3", "officer", ["key_sm3"], unique=False)
    _unique_where("uq_officer_live", "officer", "officer_id", "disabled_at IS NULL")


def _unique_where(name: str, table: str, column: str, condition: str) -> None:
    op.create_index(
        name,
        table,
        [column],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def downgrade() -> None:
    """Refuse: what was sealed stays sealed. A database is made anew from a backup instead."""
    raise RuntimeError("seals that were made do not become unmade")
