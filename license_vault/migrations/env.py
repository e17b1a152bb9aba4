"""What Alembic runs: our tables, over the connection that was given to it.

There is no address in a file: ``license_vault.database.schema`` opens the connection.
"""

from alembic import context

from license_vault.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
