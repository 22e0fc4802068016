"""What the watchdog sees, as metrics. Every name here stands in docs/watchdog.md, and rules are written by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tocsin.core.directory import Directory
from tocsin.core.watch import Name, gone
from tocsin.engine.watchdog import Watchdog


class WatchMetrics:
    """Reads the watchdog of a node."""

    def __init__(self, watchdog: Watchdog, directory: Callable[[], Directory]) -> None:
        self._watchdog = watchdog
        self._directory = directory

    def collect(self) -> Iterator[Metric]:
        """Every family with its present values."""
        yield from self._troubles()
        yield from self._loops()
        yield from self._queues()
        yield from self._ground()
        yield from self._nodes()
        yield from self._beside()

    def _troubles(self) -> Iterator[Metric]:
        book = self._watchdog.book
        going_on = {trouble.key.name for trouble in book.going_on}
        text = "1 while a trouble of this name goes on, on any node."
        troubles = GaugeMetricFamily("tocsin_trouble", text, labels=("name",))
        for name in Name:
            troubles.add_metric((name,), int(name in going_on))
        yield troubles
        yield gauge("tocsin_pages_in_danger", "1 while any trouble threatens the promises.", int(book.threatens))
        alarm = self._watchdog.alarm
        tellings = CounterMetricFamily(
            "tocsin_watchdog_tellings", "Times that this node told administrators of danger.", labels=("ended",)
        )
        tellings.add_metric(("reached",), alarm.told if alarm is not None else 0)
        tellings.add_metric(("nobody",), alarm.unheard if alarm is not None else 0)
        yield tellings

    def _loops(self) -> Iterator[Metric]:
        silence = GaugeMetricFamily("tocsin_loop_silence_seconds", "Since the last sign of life.", labels=("loop",))
        stumbles = CounterMetricFamily(
            "tocsin_loop_stumbles", "Rounds that went wrong, and restarts.", labels=("loop",)
        )
        for pulse in self._watchdog.pulses:
            silence.add_metric((pulse.name,), pulse.silence.total_seconds())
            stumbles.add_metric((pulse.name,), pulse.stumbles)
        yield silence
        yield stumbles

    def _queues(self) -> Iterator[Metric]:
        depths = self._watchdog.lookout.scenery.depths
        for name, queue in (("outbox", depths.outbox), ("messages", depths.messages)):
            text = "Due and claimed by nobody, as of the last half minute."
            yield gauge(f"tocsin_{name}_waiting", text, queue.waiting)
            yield gauge(
                f"tocsin_{name}_overdue_seconds", "For how long the oldest is due.", queue.overdue.total_seconds()
            )

    def _ground(self) -> Iterator[Metric]:
        lookout = self._watchdog.lookout
        if lookout.skew is not None:
            text = "How far this node's clock is ahead of the database's."
            yield gauge("tocsin_clock_skew_seconds", text, lookout.skew.total_seconds())
        free = GaugeMetricFamily("tocsin_disk_free_bytes", "Room on the disk below a folder.", labels=("folder",))
        total = GaugeMetricFamily("tocsin_disk_total_bytes", "Size of the disk below a folder.", labels=("folder",))
        for disk in lookout.scenery.disks:
            free.add_metric((disk.folder,), disk.free_bytes)
            total.add_metric((disk.folder,), disk.total_bytes)
        yield free
        yield total
        if lookout.scenery.depths.database_bytes is not None:
            yield gauge("tocsin_database_bytes", "What the database takes.", lookout.scenery.depths.database_bytes)

    def _nodes(self) -> Iterator[Metric]:
        sighting, nodes = self._watchdog.sighting, self._watchdog.lookout.nodes
        if sighting is None:
            return
        alive = Counter(one.role for one in nodes if one.lives(sighting.at))
        family = GaugeMetricFamily("tocsin_nodes", "Nodes that were heard of within nine seconds.", labels=("role",))
        for role in ("all", "web", "worker"):
            family.add_metric((role,), alive[role])
        yield family
        yield gauge("tocsin_nodes_gone", "Nodes that vanished and were not replaced.", len(gone(nodes, sighting.at)))

    def _beside(self) -> Iterator[Metric]:
        directory, sighting = self._directory(), self._watchdog.sighting
        scenery = self._watchdog.lookout.scenery
        for name, all_of, failing in (
            ("tocsin_syncs", len(directory.syncs), len(scenery.syncs)),
            ("tocsin_calendars", len(directory.calendars), len(scenery.calendars)),
        ):
            family = GaugeMetricFamily(name, "How many there are, by how they are.", labels=("state",))
            family.add_metric(("well",), max(all_of - failing, 0))
            family.add_metric(("failing",), failing)
            yield family
        silent = GaugeMetricFamily(
            "tocsin_integration_silent",
            "1 for an integration that is silent against its habit.",
            labels=("integration",),
        )
        providers = GaugeMetricFamily(
            "tocsin_provider_failing",
            "1 for a provider that this node could not use of late.",
            labels=("channel", "host"),
        )
        for lull in sighting.lulls if sighting is not None else ():
            silent.add_metric((lull.integration,), 1)
        for one in sighting.providers if sighting is not None else ():
            providers.add_metric((one.channel, one.host), 1)
        yield silent
        yield providers


def gauge(name: str, text: str, value: float) -> Metric:
    """One figure."""
    family = GaugeMetricFamily(name, text)
    family.add_metric((), value)
    return family
