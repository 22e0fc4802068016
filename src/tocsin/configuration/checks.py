"""What is wrong with objects that are well formed: within one of them, and between all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

import msgspec

from tocsin.configuration import forms, notation, rota_forms
from tocsin.configuration.documents import KINDS, SETTINGS, Json, written
from tocsin.configuration.mistakes import Mistake, below, meant, quoted
from tocsin.configuration.objects import Found
from tocsin.configuration.rota import schedule
from tocsin.configuration.rota_checks import absence_problems, override_problems, schedule_problems
from tocsin.core.errors import Refused
from tocsin.core.schedules import Problem, Schedule, check_together
from tocsin.ports.state import Document

#: What can be said of an address whatever the channel's own settings: by the channel's name.
_ADDRESSES: Mapping[str, Callable[[str], str]] = {"email": notation.email, "webhook": notation.url}


def within(found: Found) -> Iterator[Mistake]:
    """What cannot be meant although each field alone is right."""
    if found.value is None:
        return
    if found.kind.form is forms.User:
        user = msgspec.convert(found.value, forms.User)
        yield from _addresses(found, user)
        for number, absence in enumerate(user.absences):
            problems = absence_problems(absence, notation.zone(user.time_zone), path=f"absences[{number}].")
            yield from _mistakes(found, problems)
    elif found.kind.form is rota_forms.Schedule:
        yield from _mistakes(found, schedule_problems(msgspec.convert(found.value, rota_forms.Schedule)))
    elif found.kind.form in (forms.Silence, forms.Maintenance):
        yield from _span(found, begins=str(found.value["from"]), ends=str(found.value["to"]))


def twice(objects: Iterable[Found]) -> Iterator[Mistake]:
    """Two objects of one kind with one name."""
    seen: dict[tuple[str, str], Found] = {}
    for found in objects:
        if not found.name:
            continue
        first = seen.setdefault((found.kind.name, found.name), found)
        if first is found:
            continue
        where = f"the first is in {first.node.place.file}, line {first.node.place.line}"
        if found.kind is SETTINGS:
            yield Mistake.at(found.node.place, found.path, "settings are already given", where)
        else:
            message = f"another {found.kind.name} is called {quoted(found.name)}"
            yield Mistake.at(found.place("name"), below(found.path, "name"), message, where)


def unknown(objects: Iterable[Found], known: Mapping[str, frozenset[str]]) -> Iterator[Mistake]:
    """References to what is not there. `known`: the names of each kind, channels and protocols among them."""
    plurals = {kind.name: kind.plural for kind in KINDS}
    for found in objects:
        for each in found.references:
            names = known.get(each.kind, frozenset())
            if each.name not in names:
                hint = meant(each.name, names, plural=plurals.get(each.kind, f"{each.kind}s"))
                yield Mistake.at(each.place, each.path, f"unknown {each.kind} {quoted(each.name)}", hint)


def same_key(objects: Iterable[Found], stored: Iterable[Document]) -> Iterator[Mistake]:
    """Two integrations with one key: an event could not be told to which of them it came."""
    owners = {str(kept.body.get("key_hash")): kept.name for kept in stored if kept.kind == "integration"}
    for found in objects:
        if found.kind.form is not forms.Integration or found.value is None:
            continue
        owner = owners.setdefault(notation.key_hash(str(found.value["key"])), found.name)
        if owner != found.name:
            message = f"integration {owner!r} has the same key"
            yield Mistake.at(found.place("key"), f"{found.path}.key", message, "a key of its own for each integration")


def apart(objects: Iterable[Found], staying: Iterable[Document]) -> Iterator[Mistake]:
    """What is wrong with overrides and absences that are kept apart: on the clock of their schedule, or their person.

    `staying`: what is stored and stays, whose schedules and people they may name.
    """
    objects = tuple(objects)
    known: dict[tuple[str, str], Mapping[str, Json]] = {(kept.kind, kept.name): written(kept) for kept in staying}
    known |= {(found.kind.name, found.name): found.value for found in objects if found.value is not None}
    for found in objects:
        if found.value is None:
            continue
        if found.kind.form is rota_forms.KeptOverride:
            override = msgspec.convert(found.value, rota_forms.KeptOverride)
            zone = _zone_of(known.get(("schedule", override.schedule)))
            yield from _mistakes(found, override_problems(override, zone) if zone is not None else ())
        elif found.kind.form is rota_forms.KeptAbsence:
            absence = msgspec.convert(found.value, rota_forms.KeptAbsence)
            zone = _zone_of(known.get(("user", absence.person)))
            yield from _mistakes(found, absence_problems(absence, zone) if zone is not None else ())


def circles(objects: Iterable[Found], staying: Iterable[Document]) -> Iterator[Mistake]:
    """Schedules that refer to themselves, over others or at once; those that are stored and stay may be between."""
    found = {each.name: each for each in objects if each.kind.form is rota_forms.Schedule and each.value is not None}
    values = [each.value for each in found.values()] + [written(kept) for kept in staying if kept.kind == "schedule"]
    built = filter(None, map(_schedule, values))
    for name, problem in check_together({each.name: each for each in built}):
        if name in found:
            yield from _mistakes(found[name], (problem,))


def _schedule(value: Json) -> Schedule | None:
    """The core's schedule; None: there is none, and somebody else tells why."""
    try:
        return schedule(msgspec.convert(value, rota_forms.Schedule))
    except (msgspec.ValidationError, Refused):
        return None


def _zone_of(value: Mapping[str, Json] | None) -> ZoneInfo | None:
    """On whose clock times are meant; None: nobody knows, and somebody else tells why."""
    return notation.zone(str(value.get("time_zone", "UTC"))) if value is not None else None


def _mistakes(found: Found, problems: Iterable[Problem]) -> Iterator[Mistake]:
    for problem in problems:
        yield Mistake.at(found.place(problem.path), f"{found.path}.{problem.path}", problem.detail, problem.hint)


def _addresses(found: Found, user: forms.User) -> Iterator[Mistake]:
    for number, contact in enumerate(user.contacts):
        read = _ADDRESSES.get(contact.channel)
        path = f"contacts[{number}].address"
        try:
            if read is not None:
                read(contact.address)
        except Refused as refusal:
            node = found.node.below(path)
            message = refusal.detail
            if node.written != contact.address:  # it came from the environment, and may be a secret
                message = f"the value of {node.written} is no address of the channel {contact.channel}"
            yield Mistake.at(node.place, f"{found.path}.{path}", message, refusal.hint)


def _span(found: Found, *, begins: str, ends: str) -> Iterator[Mistake]:
    if notation.instant(ends) <= notation.instant(begins):
        what = "ends before it starts" if ends != begins else "ends as it starts"
        yield Mistake.at(
            found.place("to"), f"{found.path}.to", f"the {found.kind.name} {what}", "a time after its from"
        )
