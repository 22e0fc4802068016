"""The native API below `/api/v1`, and what it says of itself.

alerts, shapes      looking at alerts            actions, repeats   acting on them, once
facts, reasons      their story, and why         oncall, catalog    schedules; services, teams, people
evidence, events    calls made, events taken in  silences           made at run time
access, instants, privacy                        who asks, when, and who sees addresses
description, reference                           the OpenAPI document, and the page made from it
"""

from __future__ import annotations

from fastapi import APIRouter

from tocsin.web.api import actions, alerts, catalog, events, evidence, oncall, silences

#: Where the native API begins.
PREFIX = "/api/v1"

#: In the order in which the reference shows them.
ROUTERS: tuple[APIRouter, ...] = (
    events.router,
    alerts.router,
    actions.router,
    oncall.router,
    evidence.router,
    catalog.router,
    silences.router,
)
