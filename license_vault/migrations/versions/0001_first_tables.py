"""The first tables: organisations, clients, holders, licenses, seals, audit, publications.

Revision ID: 0001
Revises: nothing

Before: an empty database. After: the first release runs on it; the audit chain has its head,
before the first entry.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
GENESIS = bytes(32)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("sequence", BIG, autoincrement=False, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", sa.String(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "holder",
        sa.Column("id", BIG, nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lookup_mac", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holder"),
        sa.UniqueConstraint("handle", name="uq_holder_handle"),
        sa.UniqueConstraint("lookup_mac", name="uq_holder_lookup_mac"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name="fk_organisation_parent_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("code", name="uq_organisation_code"),
    )
    op.create_index("ix_organisation_parent_id", "organisation", ["parent_id"], unique=False)
    op.create_table(
        "revocation_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issuer_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", INSTANT, nullable=False),
        sa.Column("next_update", INSTANT, nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revocation_list"),
        sa.UniqueConstraint("sm3", name="uq_revocation_list_sm3"),
    )
    op.create_index(
        "ix_revocation_list_issuer_sm3", "revocation_list", ["issuer_sm3"], unique=False
    )
    op.create_table(
        "status_shard",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_status_shard"),
        sa.UniqueConstraint("name", name="uq_status_shard_name"),
        sa.UniqueConstraint("uri", name="uq_status_shard_uri"),
    )
    op.create_table(
        "trust_certificate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("purposes", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trust_certificate"),
        sa.UniqueConstraint("sm3", name="uq_trust_certificate_sm3"),
    )
    op.create_table(
        "api_client",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_mac", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_api_client_organisation_id_organisation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_client"),
        sa.UniqueConstraint("client_id", name="uq_api_client_client_id"),
    )
    op.create_table(
        "license",
        sa.Column("id", BIG, nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.Column("type_version", sa.String(), nullable=False),
        sa.Column("authority_id", BIG, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("first_holder_id", BIG, nullable=False),
        sa.Column("number_mac", sa.LargeBinary(), nullable=False),
        sa.Column("case_mac", sa.LargeBinary(), nullable=False),
        sa.Column("copy_kind", sa.String(), nullable=False),
        sa.Column("copy_ordinal", sa.Integer(), nullable=False),
        sa.Column("copy_of", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_shard_id", BIG, nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("check_code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("sealed_record", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name="fk_license_authority_id_organisation"
        ),
        sa.ForeignKeyConstraint(
            ["first_holder_id"], ["holder.id"], name="fk_license_first_holder_id_holder"
        ),
        sa.ForeignKeyConstraint(
            ["status_shard_id"], ["status_shard.id"], name="fk_license_status_shard_id_status_shard"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_license"),
        sa.UniqueConstraint("identifier", name="uq_license_identifier"),
        sa.UniqueConstraint(
            "status_shard_id", "status_index", name="uq_license_status_shard_id_status_index"
        ),
    )
    op.create_index("ix_license_authority", "license", ["authority_id", "id"], unique=False)
    op.create_index(
        "ix_license_issuing",
        "license",
        ["id"],
        unique=False,
        sqlite_where=sa.text("status = 'issuing'"),
        postgresql_where=sa.text("status = 'issuing'"),
    )
    op.create_index("ix_license_number_mac", "license", ["number_mac"], unique=False)
    op.create_index(
        "ix_license_shard_changed", "license", ["status_shard_id", "changed_at"], unique=False
    )
    op.create_index(
        "uq_license_case",
        "license",
        ["authority_id", "case_mac", "type_code", "copy_kind", "copy_ordinal", "first_holder_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'void'"),
        postgresql_where=sa.text("status <> 'void'"),
    )
    op.create_index(
        "uq_license_number_being_issued",
        "license",
        ["authority_id", "type_code", "number_mac", "copy_kind", "copy_ordinal"],
        unique=True,
        sqlite_where=sa.text("status = 'issuing'"),
        postgresql_where=sa.text("status = 'issuing'"),
    )
    op.create_index(
        "uq_license_number_in_force",
        "license",
        ["authority_id", "type_code", "number_mac", "copy_kind", "copy_ordinal"],
        unique=True,
        sqlite_where=sa.text("status IN ('valid', 'suspended')"),
        postgresql_where=sa.text("status IN ('valid', 'suspended')"),
    )
    op.create_table(
        "seal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("key_label", sa.String(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("installed_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name="fk_seal_owner_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_seal"),
        sa.UniqueConstraint("code", name="uq_seal_code"),
    )
    op.create_index("ix_seal_owner_id", "seal", ["owner_id"], unique=False)
    op.create_table(
        "status_publication",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shard_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("next_update", INSTANT, nullable=False),
        sa.Column("states_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shard_id"], ["status_shard.id"], name="fk_status_publication_shard_id_status_shard"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_status_publication"),
        sa.UniqueConstraint("shard_id", "sequence", name="uq_status_publication_shard_id_sequence"),
    )
    op.create_table(
        "access_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_mac", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name="fk_access_token_client_id_api_client"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("token_mac", name="uq_access_token_token_mac"),
    )
    op.create_index("ix_access_token_client_id", "access_token", ["client_id"], unique=False)
    op.create_table(
        "client_scope",
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name="fk_client_scope_client_id_api_client"
        ),
        sa.PrimaryKeyConstraint("client_id", "action", "type_code", name="pk_client_scope"),
    )
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key_mac", sa.LargeBinary(), nullable=False),
        sa.Column("body_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_idempotency_license_id_license"
        ),
        sa.PrimaryKeyConstraint("caller", "key_mac", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_license_id", "idempotency", ["license_id"], unique=False)
    op.create_table(
        "license_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("sealed_basis", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_event_license_id_license"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_license_event"),
    )
    op.create_index("ix_license_event_license_id", "license_event", ["license_id"], unique=False)
    op.create_table(
        "license_form",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("deposited_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_form_license_id_license"
        ),
        sa.PrimaryKeyConstraint("license_id", "form", name="pk_license_form"),
        sa.UniqueConstraint("object_key", name="uq_license_form_object_key"),
    )
    op.create_index("ix_license_form_sm3", "license_form", ["sm3"], unique=False)
    op.create_table(
        "license_holder",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_license_holder_holder_id_holder"
        ),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_holder_license_id_license"
        ),
        sa.PrimaryKeyConstraint("license_id", "holder_id", name="pk_license_holder"),
    )
    op.create_index("ix_license_holder_holder_id", "license_holder", ["holder_id"], unique=False)
    op.create_table(
        "license_seal",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_license_seal_license_id_license"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_license_seal_seal_id_seal"),
        sa.PrimaryKeyConstraint("license_id", "position", name="pk_license_seal"),
    )
    op.create_index("ix_license_seal_seal_id", "license_seal", ["seal_id"], unique=False)
    op.create_table(
        "object_key",
        sa.Column("license_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name="fk_object_key_holder_id_holder"
        ),
        sa.ForeignKeyConstraint(
            ["license_id"], ["license.id"], name="fk_object_key_license_id_license"
        ),
        sa.PrimaryKeyConstraint("license_id", "purpose", "holder_id", name="pk_object_key"),
    )
    op.create_table(
        "seal_grant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seal_id", BIG, nullable=False),
        sa.Column("authority_id", BIG, nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name="fk_seal_grant_authority_id_organisation"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_seal_grant_seal_id_seal"),
        sa.PrimaryKeyConstraint("id", name="pk_seal_grant"),
    )
    op.create_index("ix_seal_grant_seal_id", "seal_grant", ["seal_id"], unique=False)
    op.create_index(
        "uq_seal_grant_live",
        "seal_grant",
        ["authority_id", "type_code", "seal_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.execute(
        sa.table(
            "audit_head",
            sa.column("id"),
            sa.column("sequence"),
            sa.column("digest", sa.LargeBinary()),
        )
        .insert()
        .values(id=1, sequence=0, digest=GENESIS)
    )


def downgrade() -> None:
    """Refuse: licenses are never taken away. A database is made anew from a backup instead."""
    raise RuntimeError("there is no schema before the first")
