"""The state of the service as Prometheus reads it: numbers and ages, when they are asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from connector.errors import CompagnonError
from webui.monitoring.health import read_health, why_not_ready

if TYPE_CHECKING:
    from webui.bootstrap import Services
    from webui.monitoring.health import Health

_DRIFTS = ("ghosts", "missing", "stale")


class ServiceGauges(Collector):
    """Mirror, index, jobs and the wiki's answers; `compagnon_up` is 0 when they cannot be read."""

    def __init__(self, services: "Services") -> None:
        self._services = services

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: to read it all only to register it would open the index."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read the state."""
        services = self._services
        ready = why_not_ready(services) is None
        yield gauge("compagnon_ready", "Whether questions can be answered now.", float(ready))
        exchanges = CounterMetricFamily(
            "compagnon_wiki_requests", "Requests that the wiki was sent by this process.", labels=["result"]
        )
        exchanges.add_metric(["answered"], services.wiki_exchanges.answered)
        exchanges.add_metric(["failed"], services.wiki_exchanges.failed)
        yield exchanges
        try:
            found = list(self._kept())
        except CompagnonError:
            found = []
        yield gauge("compagnon_up", "Whether the database and the index could be read.", float(bool(found)))
        yield from found

    def _kept(self) -> Iterator[Metric]:
        health = read_health(self._services)
        yield gauge("compagnon_pages", "Pages in the mirror.", health.pages)
        yield gauge("compagnon_revisions", "Revisions in the mirror.", health.revisions)
        yield from _age("compagnon_sync_age_seconds", "Since the last sync began.", health.last_sync)
        yield from _age("compagnon_sweep_age_seconds", "Since every page was compared.", health.last_sweep)
        if health.in_step is not None:
            yield gauge(
                "compagnon_in_step", "Whether mirror and index equal the wiki.", float(health.in_step)
            )
        yield from self._index(health)
        jobs = GaugeMetricFamily("compagnon_jobs", "Readings of notes, by state.", labels=["state"])
        for state, number in sorted(self._services.store.capture_jobs.counts().items()):
            jobs.add_metric([state], number)
        yield jobs
        background = health.background
        if background is not None:
            failing = background.last_error is not None
            yield gauge(
                "compagnon_background_alive", "Whether the background sync runs.", float(background.alive)
            )
            yield gauge("compagnon_background_failing", "Whether its last round failed.", float(failing))

    def _index(self, health: "Health") -> Iterator[Metric]:
        if health.index is None or health.comparison is None:
            return
        yield gauge("compagnon_indexed_pages", "Pages in the index.", health.index.pages)
        yield gauge("compagnon_passages", "Passages in the index.", health.index.chunks)
        yield gauge("compagnon_vectors", "Vectors in the index.", self._services.index.vector_count())
        yield from _age("compagnon_index_age_seconds", "Since the index was updated.", health.index.built_at)
        drift = GaugeMetricFamily(
            "compagnon_index_drift_pages", "Pages by which the index is off the mirror.", labels=["kind"]
        )
        for kind in _DRIFTS:
            drift.add_metric([kind], len(getattr(health.comparison, kind)))
        yield drift


def gauge(name: str, doc: str, value: float) -> GaugeMetricFamily:
    """Return one number."""
    return GaugeMetricFamily(name, doc, value=value)


def _age(name: str, doc: str, moment: datetime | None) -> Iterator[Metric]:
    if moment is not None:
        yield gauge(name, doc, max(0.0, (datetime.now(UTC) - moment).total_seconds()))
