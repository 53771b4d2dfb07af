"""The database, the mirror in it, and the index: whole, fresh and in step."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.errors import StoreError
from connector.store.copying import examine_database
from webui.checkup.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from connector.model import Site
    from webui.bootstrap import Services

_INTEGRITY_SECONDS = 20.0
# A timer of an administrator's own may be a night's; this is what is old for any.
_OLD = timedelta(days=2)
_LATE_ROUNDS = 20
_LATE_AT_LEAST = timedelta(minutes=30)
_RESTORE = "stop compagnon serve, and restore a backup (compagnon restore)"


def check_database(services: "Services") -> Iterator[Finding]:
    """Whether the database opens, is whole, has this version's schema and keeps a write-ahead log."""
    config = services.config
    if config.optional_text("store.database") is not None:
        faults = services.store.integrity_check()
        if faults:
            yield problem(f"the database is damaged: {faults[0]}", "restore a backup")
        else:
            yield ok("the PostgreSQL database answers, and is whole")
        return
    if not config.exists:
        yield problem(f"there is no database in {config.folder} yet", "run compagnon sync")
        return
    state = examine_database(config.database, seconds=_INTEGRITY_SECONDS)
    if state.faults:
        yield problem(f"the database is damaged: {state.faults[0]}", _RESTORE)
    if state.schema is None:
        if not state.faults:
            yield problem("the database's file holds no mirror", _RESTORE)
        return
    if not state.up_to_date:
        yield _another_schema(state.schema)
    if state.journal_mode != "wal":
        yield warning(
            f"the database's journal is “{state.journal_mode}”, not a write-ahead log",
            "run compagnon sync, which switches it on; it does not work on network drives",
        )
    if not state.faults and state.up_to_date and state.journal_mode == "wal":
        size = config.database.stat().st_size
        looked = "whole" if state.complete else "whole as far as there was time to look"
        yield ok(f"{size / (1 << 20):,.1f} MiB, {looked}, schema {state.schema}")


def check_mirror(services: "Services") -> Iterator[Finding]:
    """Whether the mirror is fresh, and equalled the wiki when that was looked at."""
    shape = _health(services)
    if shape is None:
        return
    config, mirror = services.config, shape["mirror"]
    if mirror["last_sync"] is None:
        yield problem("the mirror was never filled", "run compagnon sync")
        return
    age = datetime.now(UTC) - datetime.fromisoformat(mirror["last_sync"])
    every = timedelta(seconds=config.number("wiki.sync_every"))
    said = f"{mirror['pages']:,} pages, {_ago(age)}"
    if config.optional_text("wiki.api_url") is None:
        yield ok(f"{said}, from an export")
    elif every and age > max(_LATE_AT_LEAST, _LATE_ROUNDS * every):
        yield problem(
            f"{said}, although wiki.sync_every is {every.total_seconds():g} seconds",
            "see that compagnon serve runs, and what it logs",
        )
    elif age > _OLD:
        yield warning(said, "run compagnon sync; set wiki.sync_every to have serve do it")
    else:
        yield ok(said)
    verified = shape["last_verification"]
    if shape["in_step"] is False and verified is not None and not verified["in_step"]:
        differences = verified["ghosts"] + verified["missing"] + verified["stale"]
        yield warning(
            f"the last verification found {differences:,} pages that differ from the wiki",
            "run compagnon sync --sweep, then compagnon index",
        )
    error = (shape["background"] or {}).get("last_error")
    if error is not None:
        yield problem(f"the last sync in the background failed ({error['type']})", "see what serve logs")


def check_index(services: "Services") -> Iterator[Finding]:
    """Whether questions are answered from what the mirror holds."""
    shape = _health(services)
    if shape is None:
        return
    index, error = shape["index"], shape["index_error"]
    if index is None or error is not None:
        said, _, _ = (error or "there is no index yet").partition(": run ")
        yield problem(said, "run compagnon index")
        return
    off = index["ghosts"] + index["missing"] + index["stale"]
    said = f"{index['pages']:,} pages, {index['chunks']:,} passages"
    if off:
        yield warning(f"{said}; {off:,} pages are not in step with the mirror", "run compagnon index")
    else:
        yield ok(f"{said}, in step with the mirror")


def can_be_read(services: "Services") -> bool:
    """Whether there is a mirror that can be opened without bringing its schema up to date."""
    config = services.config
    if config.optional_text("store.database") is not None:
        return True
    try:
        return config.exists and examine_database(config.database, seconds=0).up_to_date
    except StoreError:
        return False  # said by the check of the database


def known_site(services: "Services") -> "Site | None":
    """Return the mirrored wiki, where that can be told without changing anything."""
    return services.store.site.get() if can_be_read(services) else None


def _health(services: "Services") -> dict[str, Any] | None:
    """Return what the running service says of itself, or what can be seen; None where that changed things."""
    from webui.api.shapes import health_shape
    from webui.monitoring.health import read_health
    from webui.owner import OwnerClient

    if not can_be_read(services):
        return None
    if services.config.optional_text("store.database") is None:
        owner = services.index_lock.owner()
        if owner is not None and owner.url is not None:
            return {"index_error": None, **OwnerClient(owner).get("/api/v1/health")}
    health = read_health(services)
    error = None if health.index_error is None else str(health.index_error)
    return {**health_shape(health), "index_error": error}


def _another_schema(schema: str) -> Finding:
    from connector.store.store import SCHEMA_REVISION

    if schema < SCHEMA_REVISION:
        return warning(
            f"the database has schema {schema}, this Compagnon {SCHEMA_REVISION}",
            "make a backup; the next compagnon command that opens it brings it up to date",
        )
    return problem(
        f"the database has schema {schema}, this Compagnon knows {SCHEMA_REVISION} only",
        "a newer Compagnon has used it: update this one",
    )


def _ago(age: timedelta) -> str:
    minutes = max(0, round(age.total_seconds() / 60))
    if minutes < 120:
        return f"last sync {minutes} minutes ago"
    return (
        f"last sync {minutes // 60} hours ago" if minutes < 2880 else f"last sync {minutes // 1440} days ago"
    )
