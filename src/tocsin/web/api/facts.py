"""Facts of the journal as JSON values: the name of the fact, and its fields under their own names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from tocsin.core.alerts.model import AlertTriggered
from tocsin.core.case import Fact
from tocsin.core.escalation.policy import Policy
from tocsin.core.vocabulary import AlertId
from tocsin.ports.state import Entry
from tocsin.web.api.privacy import veiled_document
from tocsin.web.api.shapes import EntryShape, FactShape

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def timeline(story: tuple[Entry, ...], alert_id: AlertId, *, veils: bool) -> list[EntryShape]:
    """The entries that concern an alert; `veils`: without the addresses of people and programs."""
    entries = [
        EntryShape(
            version=entry.version,
            at=entry.at,
            facts=[_shape(fact, veils=veils) for fact in entry.facts if _concerns(fact, alert_id)],
        )
        for entry in story
    ]
    return [entry for entry in entries if entry.facts]


def fact_document(fact: Fact) -> dict[str, Any]:
    """Like `{"fact": "alert_acknowledged", "at": ..., "by": "ada", ...}`. A frozen policy is given by its name."""
    values = {field.name: _plain(getattr(fact, field.name)) for field in fields(fact)}
    return {"fact": _HUMP.sub("_", type(fact).__name__).lower(), **values}


def _concerns(fact: Fact, alert_id: AlertId) -> bool:
    """Climb and pages belong to the whole group; what happened to its other alerts is their own story."""
    if isinstance(fact, AlertTriggered):
        return fact.alert.id == alert_id
    return getattr(fact, "alert_id", alert_id) == alert_id


def _shape(fact: Fact, *, veils: bool) -> FactShape:
    document = fact_document(fact)
    if veils:
        document = cast(dict[str, Any], veiled_document(document))
    return FactShape(**{**document, "at": fact.at})


def _plain(value: object) -> Any:
    if isinstance(value, Policy):
        return value.name
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_unusual)


def _unusual(value: object) -> Any:
    match value:
        case Mapping():
            return dict(value)
        case ZoneInfo():
            return value.key
        case _:
            return str(value)
