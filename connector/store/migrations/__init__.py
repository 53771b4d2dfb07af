"""Migrations of the database's schema, run by Alembic when a store is opened."""
