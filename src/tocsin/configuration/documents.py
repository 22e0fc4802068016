"""What the store keeps of the configuration: one document an object, in canonical JSON.

A body has the form of `forms.py` or `rota_forms.py`, with two differences: a key is kept as its hash alone, and a
route knows its position in the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import msgspec

from tocsin.configuration import swap_forms
from tocsin.configuration.forms import (
    Form,
    Integration,
    Maintenance,
    Policy,
    Route,
    Service,
    Settings,
    Silence,
    Team,
    User,
)
from tocsin.configuration.rota_forms import Calendar, KeptAbsence, KeptOverride, Schedule
from tocsin.configuration.sync_forms import Sync
from tocsin.ports.state import Document

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

#: The number of the form that `tocsin: 1` speaks of.
FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object and how files speak of it."""

    name: str
    #: The key at the top of a file under which its objects stand.
    plural: str
    form: type[Form]


#: Every kind, in the order in which a newcomer reads them: what is referred to comes first.
KINDS = (
    Kind(name="calendar", plural="calendars", form=Calendar),
    Kind(name="user", plural="users", form=User),
    Kind(name="team", plural="teams", form=Team),
    Kind(name="schedule", plural="schedules", form=Schedule),
    Kind(name="override", plural="overrides", form=KeptOverride),
    Kind(name="absence", plural="absences", form=KeptAbsence),
    Kind(name="policy", plural="policies", form=Policy),
    Kind(name="service", plural="services", form=Service),
    Kind(name="integration", plural="integrations", form=Integration),
    Kind(name="route", plural="routes", form=Route),
    Kind(name="silence", plural="silences", form=Silence),
    Kind(name="maintenance", plural="maintenances", form=Maintenance),
    Kind(name="sync", plural="syncs", form=Sync),
)

#: The only kind of which there is one, under its own name at the top of a file.
SETTINGS = Kind(name="settings", plural="settings", form=Settings)

#: Kinds that only people make, at run time: no file has them, and none is written of them.
MADE_AT_RUN_TIME = (Kind(name=swap_forms.KIND_NAME, plural="swaps", form=swap_forms.KeptOffer),)

KIND = {kind.name: kind for kind in (*KINDS, SETTINGS, *MADE_AT_RUN_TIME)}

#: How a field is called in the body where it is not called as in files.
_KEY_IN_FILE, _KEY_IN_BODY, _HASHED = "key", "key_hash", "sha256:"

F = TypeVar("F", bound=Form)


def document(kind: Kind, value: Mapping[str, Json], *, origin: str, position: int | None = None) -> Document:
    """What the store keeps of an object, out of its canonical value.

    `origin`: "file" is deleted when it is no longer in the files, "api" stays. `position`: of a route in its table,
    from 1.
    """
    body = dict(value)
    if kind.form is Integration:
        body[_KEY_IN_BODY] = str(body.pop(_KEY_IN_FILE)).removeprefix(_HASHED)
    if position is not None:
        body["position"] = position
    return Document(kind=kind.name, name=str(body.get("name", kind.name)), body=body, origin=origin)


def written(kept: Document) -> dict[str, Json]:
    """The body as it stands in a file."""
    body = {key: value for key, value in kept.body.items() if key != "position"}
    if _KEY_IN_BODY in body:
        body[_KEY_IN_FILE] = f"{_HASHED}{body.pop(_KEY_IN_BODY)}"
    return body


def form(kept: Document, expected: type[F]) -> F:
    """The document as its form.

    Raises:
        msgspec.ValidationError: the body is not of this form.
    """
    return msgspec.convert(written(kept), expected)


def position(kept: Document) -> int:
    """Where a route stands in its table; 0 for whatever has no position."""
    found = kept.body.get("position")
    return found if isinstance(found, int) else 0
