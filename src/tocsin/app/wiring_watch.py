"""Joins the parts of the watch: who looks after the loops and the promises, and whom it tells by which way."""

from __future__ import annotations

from importlib.metadata import version

from tocsin.app.metrics import Metrics
from tocsin.app.readiness import readiness
from tocsin.app.wiring import Beside, Ground, Paging, Watch
from tocsin.channels import CHANNELS
from tocsin.engine.alarm import Alarm, Ways
from tocsin.engine.hearing import Hearing
from tocsin.engine.watchdog import Ward, Watchdog


def wire_watch(ground: Ground, paging: Paging, beside: Beside) -> Watch:
    """The watchdog over the loops, the metrics, and what probes are told."""
    works = ground.settings.role.works
    watchdog = Watchdog(
        ground.store,
        ground.current,
        ground.transport,
        # Of loops that run elsewhere a node sees what they leave undone.
        (paging.worker.pulse, paging.courier.pulse) if works else (),
        beside=beside.pulses if works else (),
        ward=_ward(ground, paging),
        alarm=_alarm(ground, paging),
    )
    metrics = Metrics(
        taker=paging.taker,
        worker=paging.worker,
        courier=paging.courier,
        teller=beside.teller,
        watchdog=watchdog,
        directory=ground.current,
    )
    return Watch(watchdog=watchdog, metrics=metrics, readiness=lambda: readiness(ground.store, watchdog))


def _ward(ground: Ground, paging: Paging) -> Ward:
    return Ward(
        node=ground.name,
        role=ground.settings.role.value,
        version=version("tocsin"),
        hearing=Hearing(ground.store, ground.current),
        folders=(ground.settings.data,),
        intake=lambda: paging.taker.waiting,
        heard=lambda: paging.taker.counts,
        providers=lambda: paging.courier.providers.failing(ground.current()),
    )


def _alarm(ground: Ground, paging: Paging) -> Alarm:
    ways = Ways(
        channels={channel.name: channel for channel in CHANNELS},
        settings=ground.settings.channels,
        catalogs=ground.catalogs,
        public_url=ground.settings.public_url,
        node=ground.name,
    )
    return Alarm(ground.current, ground.transport, ways, is_failing=paging.courier.providers.has_failed)
