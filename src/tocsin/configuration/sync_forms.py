"""What may be written down of syncs, and the core's value of it.

A sync's secret signs, so that a hash of it would be of no use, and stored as it is everybody who may export the
configuration could read it. It is therefore never stored: what stands here is the name of an environment variable, and
each node reads it there when it signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta

from tocsin.configuration.forms import Form, Name, OfSchedule, Url
from tocsin.configuration.mistakes import quoted
from tocsin.configuration.notation import Notation
from tocsin.core import syncs
from tocsin.core.errors import Refused
from tocsin.core.syncs import AsItIs, Fallback, InsteadPerson, InsteadTeam, SyncName
from tocsin.core.vocabulary import PersonName, ScheduleName

#: What is written for "it stays as it is", and for all members of the schedule's team; no user is meant by these words.
KEEP, TEAM = "keep", "team"

#: Slack's own bound lies lower; longer is a slip of the finger.
_LONGEST_GROUP = 100
_VARIABLE = re.compile(r"(?:env:([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\})", re.ASCII)


def _group(text: str) -> str:
    handle = text.removeprefix("@")
    if not handle or len(handle) > _LONGEST_GROUP or any(each.isspace() or not each.isprintable() for each in handle):
        raise Refused(f"{quoted(text)} is not a user group's handle or id", hint=GROUP.example)
    return handle


def _variable(text: str) -> str:
    """The name of an environment variable. What is no reference may be the secret itself, and is not repeated."""
    found = _VARIABLE.fullmatch(text)
    if found is None:
        raise Refused("a secret does not stand in the configuration", hint=SECRET.example)
    return found[1] or found[2]


GROUP = Notation(what="a user group", example="like data-oncall, or its id, S0123ABCD", parse=_group, write=str)
SECRET = Notation(
    what="a secret",
    example='the environment variable that holds it: "${NAME}", or env:NAME',
    parse=_variable,
    write=lambda name: f"env:{name}",
    as_written=True,
)

SlackGroup: TypeAlias = Annotated[str, Meta(extra={"notation": GROUP})]
Secret: TypeAlias = Annotated[str, Meta(extra={"notation": SECRET})]
OfUserOrRule: TypeAlias = Annotated[str, Meta(extra={"refers": "user", "besides": (KEEP, TEAM)})]


class Sync(Form, frozen=True, kw_only=True):
    """Something outside that follows schedules."""

    one_of: ClassVar[tuple[str, ...]] = ("slack_group", "webhook")
    also_called: ClassVar[Mapping[str, str]] = {"schedule": "schedules"}

    name: Name
    #: Whoever is on call by any of them.
    schedules: OfSchedule | Annotated[tuple[OfSchedule, ...], Meta(min_length=1)]
    #: By its handle or its id.
    slack_group: SlackGroup | None = None
    webhook: Url | None = None
    #: Signs what goes to the webhook. Left out: the setting `syncs.webhook.secret`.
    secret: Secret | None = None
    #: Who stands in when nobody is on call.
    fallback: OfUserOrRule = KEEP


def sync(written: Sync) -> syncs.Sync:
    """Something outside that follows schedules.

    Raises:
        Refused: it names nothing that could follow.
    """
    schedules = (written.schedules,) if isinstance(written.schedules, str) else written.schedules
    kind, target = target_of(written)
    return syncs.Sync(
        name=SyncName(written.name),
        kind=kind,
        target=target,
        schedules=tuple(dict.fromkeys(map(ScheduleName, schedules))),
        fallback=_fallback(written.fallback),
        secret_variable=_variable(written.secret) if written.secret is not None else None,
    )


def target_of(written: Sync) -> tuple[str, str]:
    """What follows: the name of the plug-in, and the target in its terms.

    Raises:
        Refused: nothing is named.
    """
    match written:
        case Sync(slack_group=str(group)):
            return "slack", group
        case Sync(webhook=str(address)):
            return "webhook", address
        case _:
            raise Refused("a sync names nothing that follows", hint=f"one of {', '.join(Sync.one_of)}")


def _fallback(written: str) -> Fallback:
    if written == KEEP:
        return AsItIs()
    return InsteadTeam() if written == TEAM else InsteadPerson(person=PersonName(written))
