"""What a node counts, in the text format that scrapers read. Gauges are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tocsin.engine.courier import Courier
from tocsin.engine.taking import Taker
from tocsin.engine.teller import Teller
from tocsin.engine.watchdog import Watchdog
from tocsin.engine.worker import Worker
from tocsin.web.doorway import Doorway


class Metrics(Collector):
    """Reads the parts of a node."""

    def __init__(self, *, taker: Taker, worker: Worker, courier: Courier, teller: Teller, watchdog: Watchdog) -> None:
        self._taker = taker
        self._worker = worker
        self._courier = courier
        self._teller = teller
        self._watchdog = watchdog
        self._doorway: Doorway | None = None
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def watch(self, doorway: Doorway) -> None:
        """Count its requests as well."""
        self._doorway = doorway

    def text(self) -> bytes:
        """All metrics."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Every family with its present values."""
        yield from self._counted()
        yield from self._measured()
        yield from self._watched()

    def _counted(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("tocsin_requests", "Requests answered at the doors.", labels=("door", "status"))
        for (door, status), count in (self._doorway.counts if self._doorway is not None else {}).items():
            requests.add_metric((door, str(status)), count)
        yield requests
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
        decided = CounterMetricFamily("tocsin_cases_decided", "Due cases that were decided.")
        decided.add_metric((), self._worker.pulse.done)
        yield decided
        failed = CounterMetricFamily("tocsin_cases_undecidable", "Cases that could not be decided and were put off.")
        failed.add_metric((), self._worker.pulse.stumbles)
        yield failed

    def _measured(self) -> Iterator[Metric]:
        yield _gauge("tocsin_intake_waiting", "Events that wait for their commit.", self._taker.waiting)
        silence = GaugeMetricFamily("tocsin_loop_silence_seconds", "Since the last sign of life.", labels=("loop",))
        for pulse in (self._worker.pulse, self._courier.pulse, self._teller.pulse):
            silence.add_metric((pulse.name,), pulse.silence.total_seconds())
        yield silence

    def _watched(self) -> Iterator[Metric]:
        health = self._watchdog.health
        yield _gauge("tocsin_store_answers", "1 while the database answers the watchdog.", int(health is not None))
        yield _gauge("tocsin_repaired", "Cases that the watchdog had to make due.", self._watchdog.repaired)
        if health is None:
            return
        alerts = GaugeMetricFamily("tocsin_open_alerts", "Open alerts by status.", labels=("status",))
        for status, count in health.open_alerts.items():
            alerts.add_metric((status,), count)
        yield alerts
        yield _gauge("tocsin_late_cases", "Cases whose next step is late.", health.late_cases)
        yield _gauge("tocsin_cases_without_next_step", "Ringing without a next step.", health.cases_without_next_step)
        yield _gauge("tocsin_stuck_deliveries", "Deliveries due for too long.", health.stuck_deliveries)
        yield _gauge("tocsin_lateness_seconds", "How late the latest case is.", health.lateness.total_seconds())


def _gauge(name: str, text: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, text)
    gauge.add_metric((), value)
    return gauge
