"""What is kept, as JSON and back: facts, cases, alerts, events.

A fact is the object of its fields with its class's name under "is". A policy is frozen into every climb, and its
targets are a union: it has a form of its own, made and read once for each policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, replace
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, cast, get_args, get_type_hints

import msgspec

from tocsin.core.alerts.model import Alert, AlertTriggered
from tocsin.core.case import Case, Fact, Group, GroupOpened
from tocsin.core.errors import Broken, Refused
from tocsin.core.escalation.policy import Policy, Step
from tocsin.core.escalation.run import Run, RunStarted
from tocsin.core.escalation.steps import Target
from tocsin.core.events import Event
from tocsin.core.paging.attempt import Page
from tocsin.core.vocabulary import AlertId, PageId
from tocsin.ports.state import Raw

#: Every class of facts by the name that is stored. A class that was stored once keeps its name.
FACTS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Fact)}
TARGETS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Target)}

#: PostgreSQL keeps no text with this character. An even number of backslashes before it: it is meant.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def _plain(value: object) -> object:
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def _stored(kind: type[Any], **otherwise: Any) -> type[Any]:
    """The shape of a dataclass as it is stored, with other types for some of its fields."""
    hints = get_type_hints(kind)
    shape: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for one in fields(kind):
        held = otherwise.get(one.name, hints[one.name])
        shape.append((one.name, held) if one.default is MISSING else (one.name, held, one.default))
    return msgspec.defstruct(kind.__name__, shape, kw_only=True)


def _is_required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else msgspec.field(default_factory=one.default_factory)


def _restored(kind: type[Any], stored: Any, **otherwise: object) -> Any:
    held = {one.name: getattr(stored, one.name) for one in fields(kind)}
    return kind(**{**held, **otherwise})


#: An alert as it is written: what is as it is by default is left out, and read as such.
_SparseAlert: Any = msgspec.defstruct(
    "Alert",
    [(one.name, Any) if _is_required(one) else (one.name, Any, _default(one)) for one in fields(Alert)],
    omit_defaults=True,
)
_alert_values = attrgetter(*(one.name for one in fields(Alert)))

_StoredStep: Any = _stored(Step, targets=list[dict[str, Any]])
_policies = msgspec.json.Decoder(_stored(Policy, steps=list[_StoredStep], last_resort=list[dict[str, Any]]))
_starts = msgspec.json.Decoder(_stored(RunStarted, policy=msgspec.Raw))
_runs = msgspec.json.Decoder(_stored(Run, policy=msgspec.Raw))


class _State(msgspec.Struct):
    group: Group
    #: Of none, "null".
    run: msgspec.Raw
    pages: dict[PageId, Page]


class _Tag(msgspec.Struct):
    name: str = msgspec.field(name="is")


_heads = msgspec.json.Decoder(dict[str, Any])
_alerts = msgspec.json.Decoder(Alert)
_states = msgspec.json.Decoder(_State)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_tags = msgspec.json.Decoder(_Tag)
_facts = {name: msgspec.json.Decoder(kind) for name, kind in FACTS.items() if kind is not RunStarted}


def encode_json(value: object) -> str:
    """A value as JSON text that PostgreSQL keeps.

    What a provider or a person wrote must not keep the rest from being stored: NUL becomes the replacement character.

    Raises:
        Refused: it holds half a surrogate pair, or something that is not JSON.
    """
    return _kept(_encoded(value))


def _encoded(value: object) -> str:
    try:
        return _encoder.encode(value).decode()
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise Refused(f"this cannot be stored: {error}") from None


def _kept(text: str) -> str:
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


def decode_json(text: str) -> Any:
    """JSON text as plain values."""
    return msgspec.json.decode(text)


def encode_event(event: Event) -> str:
    """A normalised event.

    Raises:
        Refused: it holds what cannot be kept, the character NUL among it.
    """
    text = _encoded(event)
    if "\\u0000" in text and _NUL.search(text):
        raise Refused("a text holds the character NUL, which cannot be stored", hint="leave the character out")
    return text


def encode_head(raw: Raw) -> str:
    """All of a raw request but its body, which need not be text."""
    return encode_json({"method": raw.method, "path": raw.path, "headers": dict(raw.headers)})


def decode_raw(head: str, body: bytes) -> Raw:
    """A raw request from its head and its body."""
    return Raw(**_heads.decode(head), body=body)


def encode_alert(alert: Alert) -> str:
    """One alert."""
    return encode_json(_sparse(alert))


def _sparse(alert: Alert) -> Any:
    return _SparseAlert(*_alert_values(alert))


def decode_alert(text: str) -> Alert:
    """One alert."""
    return _alerts.decode(text)


def encode_facts(facts: Iterable[Fact]) -> str:
    """The facts of one commit, in their order."""
    try:
        text = b"[%b]" % b",".join(map(_encode_fact, facts))
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise Refused(f"this cannot be stored: {error}") from None
    return _kept(text.decode())


def _encode_fact(fact: Fact, known: Mapping[int, bytes] = MappingProxyType({})) -> bytes:
    """A fact; `known`: what it may hold that has been encoded already, by its identity."""
    match fact:
        case AlertTriggered():
            alert = known.get(id(fact.alert)) or _encoder.encode(_sparse(fact.alert))
            return b'{"is":"AlertTriggered","at":%b,"alert":%b}' % (_encoder.encode(fact.at), alert)
        case GroupOpened() if id(fact.group) in known:
            return b'{"is":"GroupOpened","at":%b,"group":%b}' % (_encoder.encode(fact.at), known[id(fact.group)])
    body = _encoder.encode(_with_policy(fact) if isinstance(fact, RunStarted) else fact)
    # Every fact has an instant: the object is not empty, and a comma is right.
    return b'{"is":"%b",%b' % (type(fact).__name__.encode(), body[1:])


def decode_facts(text: str) -> tuple[Fact, ...]:
    """The facts of one commit, in their order."""
    return tuple(_decode_fact(raw) for raw in _raws.decode(text))


def _decode_fact(raw: msgspec.Raw) -> Fact:
    name = _tags.decode(raw).name
    if name == RunStarted.__name__:
        started = _starts.decode(raw)
        return cast(RunStarted, _restored(RunStarted, started, policy=_decode_policy(bytes(started.policy))))
    decoder = _facts.get(name)
    if decoder is None:
        raise Broken(f"the journal holds a fact {name!r} that this version does not know")
    return cast(Fact, decoder.decode(raw))


def encode_state(case: Case) -> str:
    """A case without its alerts, which have rows of their own."""
    run = None if case.run is None else _with_policy(case.run)
    return encode_json({"group": case.group, "run": run, "pages": case.pages})


def encode_new_case(case: Case, alert: Alert, facts: Iterable[Fact]) -> tuple[str, str, str]:
    """A case of one alert, without climb and pages: its state, its alert, its facts; what they share is made once."""
    group_text, alert_text = _encoder.encode(case.group), _encoder.encode(_sparse(alert))
    known: dict[int, bytes] = {id(case.group): group_text, id(alert): alert_text}
    state = b'{"group":%b,"run":null,"pages":{}}' % group_text
    told = b"[%b]" % b",".join([_encode_fact(fact, known) for fact in facts])
    return _kept(state.decode()), _kept(alert_text.decode()), _kept(told.decode())


def decode_state(text: str, *, alerts: Mapping[AlertId, Alert], version: int) -> Case:
    """A case, put together with its alerts."""
    state = _states.decode(text)
    run = None if bytes(state.run) == b"null" else _decode_run(state.run)
    return Case(group=state.group, alerts=alerts, run=run, pages=state.pages, version=version)


def _decode_run(raw: msgspec.Raw) -> Run:
    run = _runs.decode(raw)
    return cast(Run, _restored(Run, run, policy=_decode_policy(bytes(run.policy))))


def _with_policy(holder: Any) -> Any:
    return replace(holder, policy=msgspec.Raw(_encode_policy(holder.policy)))


@lru_cache(maxsize=512)
def _encode_policy(policy: Policy) -> bytes:
    steps = [{**_object(step), "targets": _tagged(step.targets)} for step in policy.steps]
    return _encoder.encode({**_object(policy), "steps": steps, "last_resort": _tagged(policy.last_resort)})


def _tagged(targets: tuple[Target, ...]) -> list[dict[str, Any]]:
    return [{"is": type(target).__name__, **_object(target)} for target in targets]


def _object(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], msgspec.to_builtins(value))


@lru_cache(maxsize=512)
def _decode_policy(text: bytes) -> Policy:
    policy = _policies.decode(text)
    steps = tuple(_restored(Step, step, targets=_untagged(step.targets)) for step in policy.steps)
    return cast(Policy, _restored(Policy, policy, steps=steps, last_resort=_untagged(policy.last_resort)))


def _untagged(targets: list[dict[str, Any]]) -> tuple[Target, ...]:
    return tuple(msgspec.convert(target, type=TARGETS[target["is"]]) for target in targets)
