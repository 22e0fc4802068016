"""What a node counts, in the text format that scrapers read. Gauges are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tocsin.app.watch_metrics import WatchMetrics, gauge
from tocsin.core.directory import Directory
from tocsin.engine.courier import Courier
from tocsin.engine.taking import Taker
from tocsin.engine.teller import Teller
from tocsin.engine.watchdog import Watchdog
from tocsin.engine.worker import Worker
from tocsin.web.doorway import Doorway


class Metrics(Collector):
    """Reads the parts of a node."""

    def __init__(
        self,
        *,
        taker: Taker,
        worker: Worker,
        courier: Courier,
        teller: Teller,
        watchdog: Watchdog,
        directory: Callable[[], Directory] = Directory,
    ) -> None:
        self._taker = taker
        self._worker = worker
        self._courier = courier
        self._teller = teller
        self._watchdog = watchdog
        self._watched = WatchMetrics(watchdog, directory)
        self._doorway: Doorway | None = None
        self._sign_ins: Mapping[str, int] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def watch(self, doorway: Doorway, *, sign_ins: Mapping[str, int]) -> None:
        """Count its requests as well, and the tries to sign in by their end."""
        self._doorway = doorway
        self._sign_ins = sign_ins

    def text(self) -> bytes:
        """All metrics."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Every family with its present values."""
        yield from self._counted()
        yield from self._measured()
        yield from self._promises()
        yield from self._watched.collect()

    def _counted(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("tocsin_requests", "Requests answered at the doors.", labels=("door", "status"))
        for (door, status), count in (self._doorway.counts if self._doorway is not None else {}).items():
            requests.add_metric((door, str(status)), count)
        yield requests
        events = CounterMetricFamily("tocsin_events", "Events that were stored.", labels=("integration",))
        for integration, count in self._taker.counts.items():
            events.add_metric((integration,), count)
        yield events
        deliveries = CounterMetricFamily(
            "tocsin_deliveries", "Calls to providers by their end.", labels=("channel", "ended")
        )
        for (channel, ended), count in self._courier.counts.items():
            deliveries.add_metric((channel, ended), count)
        yield deliveries
        messages = CounterMetricFamily("tocsin_messages", "Messages by what a try came to.", labels=("ended",))
        for ended, count in self._teller.counts.items():
            messages.add_metric((ended,), count)
        yield messages
        sign_ins = CounterMetricFamily("tocsin_sign_ins", "Tries to sign in with a password.", labels=("ended",))
        for ended, count in self._sign_ins.items():
            sign_ins.add_metric((ended,), count)
        yield sign_ins
        decided = CounterMetricFamily("tocsin_cases_decided", "Due cases that were decided.")
        decided.add_metric((), self._worker.pulse.done)
        yield decided
        failed = CounterMetricFamily("tocsin_cases_undecidable", "Cases that could not be decided and were put off.")
        failed.add_metric((), self._worker.pulse.stumbles)
        yield failed

    def _measured(self) -> Iterator[Metric]:
        yield gauge("tocsin_intake_waiting", "Events that wait for their commit.", self._taker.waiting)

    def _promises(self) -> Iterator[Metric]:
        health = self._watchdog.health
        yield gauge("tocsin_store_answers", "1 while the database answers the watchdog.", int(health is not None))
        yield gauge("tocsin_repaired", "Cases that the watchdog had to make due.", self._watchdog.repaired)
        if health is None:
            return
        alerts = GaugeMetricFamily("tocsin_open_alerts", "Open alerts by status.", labels=("status",))
        for status, count in health.open_alerts.items():
            alerts.add_metric((status,), count)
        yield alerts
        yield gauge("tocsin_late_cases", "Cases whose next step is late.", health.late_cases)
        yield gauge("tocsin_cases_without_next_step", "Ringing without a next step.", health.cases_without_next_step)
        yield gauge("tocsin_stuck_deliveries", "Deliveries due for too long.", health.stuck_deliveries)
        yield gauge("tocsin_lateness_seconds", "How late the latest case is.", health.lateness.total_seconds())
