"""What is wrong with objects that are well formed: within one of them, and between all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from tocsin.configuration import forms, notation
from tocsin.configuration.documents import KINDS, SETTINGS
from tocsin.configuration.mistakes import Mistake, below, meant, quoted
from tocsin.configuration.objects import Found
from tocsin.configuration.rota import schedule
from tocsin.core import schedules
from tocsin.core.errors import Refused
from tocsin.ports.state import Document

#: What can be said of an address whatever the channel's own settings: by the channel's name.
_ADDRESSES: Mapping[str, Callable[[str], str]] = {"email": notation.email, "webhook": notation.url}


def within(found: Found) -> Iterator[Mistake]:
    """What cannot be meant although each field alone is right."""
    if found.value is None:
        return
    if found.kind.form is forms.User:
        yield from _addresses(found, msgspec.convert(found.value, forms.User))
    elif found.kind.form is forms.Schedule:
        for problem in schedules.check(schedule(msgspec.convert(found.value, forms.Schedule))):
            path = f"{found.path}.{problem.path}"
            yield Mistake.at(found.place(problem.path), path, problem.detail, problem.hint)
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
