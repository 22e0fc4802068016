"""Runs the loops of a node, and wakes them when another node has something to tell."""

from __future__ import annotations

import asyncio

import structlog

from tocsin.app.wiring import Beside, Faces, Ground, Paging, Watch
from tocsin.engine.following import Following
from tocsin.engine.minding import HANGS_AFTER_BESIDE, mind

log = structlog.get_logger()


class Loops:
    """Everything that runs on a node while it runs."""

    def __init__(self, ground: Ground, paging: Paging, *, beside: Beside, watch: Watch, faces: Faces) -> None:
        self._ground = ground
        self._paging = paging
        self._beside = beside
        self._watch = watch
        self._faces = faces
        self._following = Following(ground.directories, ground.store, self._fresh)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Listen to the other nodes, be there for them, and run what the role of this node asks for."""
        ground = self._ground
        ground.store.watch(self._heard)
        ground.store.attend(ground.name)
        running = [
            mind("watchdog", self._watch.watchdog.run, pulse=self._watch.watchdog.pulse),
            mind("configuration", self._following.run),
        ]
        if ground.settings.role.works:
            paging = (self._paging.worker, self._paging.courier)
            running += [mind(one.pulse.name, one.run, pulse=one.pulse) for one in paging]
            beside = (self._beside.teller, self._beside.syncing, self._beside.keeper, self._beside.feeding)
            running += [
                mind(one.pulse.name, one.run, pulse=one.pulse, hangs_after=HANGS_AFTER_BESIDE) for one in beside
            ]
        self._tasks = [asyncio.create_task(one) for one in running]

    async def stop(self) -> None:
        """End them all; the calls under way go on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _heard(self, topic: str, payload: str) -> None:
        match topic:
            case "work":
                self._paging.worker.pulse.wake()
            case "outbox":
                self._paging.courier.pulse.wake()
            case "messages":
                self._beside.teller.pulse.wake()
            case "configuration":
                self._following.pulse.wake()
            case "case":
                self._faces.live.changed(payload)
            case _:
                log.debug("a notice that this version does not know", topic=topic)

    def _fresh(self) -> None:
        """Another configuration is in force: whoever works by it looks again."""
        self._paging.worker.pulse.wake()
        self._beside.syncing.pulse.wake()
        self._beside.keeper.pulse.wake()
        self._beside.feeding.pulse.wake()
