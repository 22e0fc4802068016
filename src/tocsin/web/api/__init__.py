"""The native API below `/api/v1`, and what it says of itself.

alerts, shapes      looking at alerts            actions, repeats   acting on them, once
facts, reasons      their story, and why         oncall, catalog    schedules; services, teams, people
evidence, events    calls made, events taken in  silences           made at run time
syncs               what follows the rota
calendars           to subscribe to
overrides, absences, swaps, asking               what people change of the rota at run time
notes               that go with a shift
messages            what people are told besides pages
tokens, audit       who may call, and who has changed what
insight             what the rota means for people
access, instants, privacy                        who asks, when, and who sees addresses
description, reference                           the OpenAPI document, and the page made from it
"""

from __future__ import annotations

from fastapi import APIRouter

from tocsin.web.api import (
    absences,
    actions,
    alerts,
    audit,
    calendars,
    catalog,
    events,
    evidence,
    insight,
    messages,
    notes,
    oncall,
    overrides,
    silences,
    swaps,
    syncs,
    tokens,
)

#: Where the native API begins.
PREFIX = "/api/v1"

#: In the order in which the reference shows them.
ROUTERS: tuple[APIRouter, ...] = (
    events.router,
    alerts.router,
    actions.router,
    oncall.router,
    overrides.router,
    swaps.router,
    absences.router,
    notes.router,
    calendars.router,
    insight.router,
    insight.previews,
    evidence.router,
    catalog.router,
    messages.router,
    silences.router,
    syncs.router,
    tokens.router,
    audit.router,
)
