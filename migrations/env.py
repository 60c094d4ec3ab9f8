"""Alembic's entry: always online, on the connection and in the transaction that `redress.migrate` opened."""

from __future__ import annotations

from alembic import context

from redress.schema import declared_metadata, is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=declared_metadata(),
    include_object=is_ours,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
