"""Doors to what follows the rota: one pure file per thing outside that is kept as the schedules say.

A sync kind yields the calls to be made and reads the answers; the engine decides when, opens the sockets and keeps the
state. A new kind is one file that defines `SYNC`, one line in `SYNCS`, its field in `configuration/sync_forms.py`, and
fixtures under `tests/syncs/fixtures/<kind>/` that the existing test picks up.
"""

from __future__ import annotations

from tocsin.syncs import slack, webhook

#: Every kind that there is.
SYNCS = (
    slack.SYNC,
    webhook.SYNC,
)

__all__ = ["SYNCS"]
