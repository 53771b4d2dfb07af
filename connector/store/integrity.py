"""Whether the database is whole: its pages, its rows, and that what belongs to a row has one."""

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DatabaseError

from connector.store.engine import reading, reason
from connector.store.postgresql import is_postgresql
from connector.store.schema import metadata


def integrity_check(engine: Engine) -> list[str]:
    """Do what `Store.integrity_check` says."""
    with reading(engine, "checking the database") as connection:
        try:
            return (_of_postgresql if is_postgresql(engine) else _of_sqlite)(connection)
        except DatabaseError as e:
            return [reason(e)]


def _of_sqlite(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    broken = [line for lines in found for line in str(lines).splitlines() if line != "ok"]
    return broken + [f"row {row[1]} of {row[0]} belongs to no row of {row[2]}" for row in orphans]


def _of_postgresql(connection: Connection) -> list[str]:
    """Read every row whole, compare the indexes with the rows where amcheck is installed, look for orphans.

    A page of the disk that does not fit its checksum, and a long value that is not there, are errors to
    whoever reads them (https://www.postgresql.org/docs/current/checksums.html).
    """
    broken: list[str] = []
    names = [table.name for table in metadata.sorted_tables]
    checks = [f"SELECT sum(hashtext({name}::text)) FROM {name}" for name in names]  # noqa: S608 - our tables
    installed = connection.exec_driver_sql("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")
    if installed.scalar_one():
        indexes = connection.exec_driver_sql(
            "SELECT format('%%I.%%I', schemaname, indexname) FROM pg_indexes "
            "WHERE schemaname = current_schema() AND indexdef LIKE '%%USING btree%%'"
        ).scalars()
        checks += [f"SELECT bt_index_check('{name}'::regclass, true)" for name in indexes]
    for check in checks:
        try:
            connection.exec_driver_sql(check)
        except DatabaseError as e:
            broken.append(reason(e))
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            other = key.column.table.alias("other")
            lost = (
                select(key.parent)
                .outerjoin(other, other.c[key.column.name] == key.parent)
                .where(key.parent.is_not(None), other.c[key.column.name].is_(None))
            )
            broken += [
                f"row {value} of {table.name} belongs to no row of {key.column.table.name}"
                for value in connection.scalars(lost)
            ]
    return broken
