"""Run by Alembic: migrate over the connection that the store hands in."""

from alembic import context

from connector.store import schema_community, schema_people  # noqa: F401 - their tables are part of the schema
from connector.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters tables by copying them
)
with context.begin_transaction():
    context.run_migrations()
