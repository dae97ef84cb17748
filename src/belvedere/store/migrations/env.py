"""What Alembic runs: the migrations, on the connection that `migrate.upgrade` hands over."""

from alembic import context

from belvedere.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
# The caller holds the transaction: all migrations take effect together or not at all.
context.run_migrations()
