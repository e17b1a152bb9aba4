"""Alembic migrations of the vault's tables; one head, run by ``license_vault.database.schema``."""
