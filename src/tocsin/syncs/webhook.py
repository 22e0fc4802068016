"""Who is on call, told to a program: JSON by HTTP, signed as pages to programs are.

It says the same again every few minutes, with the same bytes and the same idempotency key as long as the answer is the
same: a program that has lost it has it back, one that has it may leave it. Nobody on call is an answer, too.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import msgspec

from tocsin.core.syncs import Changed, Failed, Followed, Same
from tocsin.core.vocabulary import Instant
from tocsin.ports.answers import is_passing, is_success, told, wait_of
from tocsin.ports.channels import Answer, HttpCall, NoAnswer, Setting, Settings
from tocsin.ports.signing import SIGNATURE, signature
from tocsin.ports.syncs import Steps, SyncKind, Wish

#: Statuses of a receiver that does not accept the signature.
_REFUSES_US = (401, 403)
_KEY_LENGTH = 32


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on call."""

    name: str
    full_name: str
    #: None: nobody has written one down.
    email: str | None


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a program receives. Fields may be added; none may change."""

    sync: str
    #: The first of `schedules`.
    schedule: str
    schedules: tuple[str, ...]
    #: Since when this is so, as far as Tocsin has looked. RFC 3339, in UTC.
    at: Instant
    #: Empty: nobody is on call, and nobody stands in.
    people: tuple[Person, ...]
    #: When it changes; None: not within sight.
    until: Instant | None
    #: Why nobody is on call, also when somebody stands in; None: somebody is.
    reason: str | None


def follow(wish: Wish, settings: Settings) -> Steps:
    """One POST; in a dry run none."""
    before = wish.applied or ()
    after = tuple(member.person for member in wish.people or wish.instead)
    if wish.dry:
        return Followed(result=Same(members=after) if wish.applied == after else Changed(before=before, after=after))
    answer = yield _call(wish, settings)
    if isinstance(answer, NoAnswer):
        return Followed(result=Failed(why=answer.why))
    if not is_success(answer):
        return Followed(result=_refused(answer))
    is_same = wish.applied is not None and wish.applied == after
    return Followed(result=Same(members=after) if is_same else Changed(before=before, after=after))


def shown(target: str) -> str:
    """Only where it goes: the path and what follows it may be a secret."""
    parts = urlsplit(target)
    host = parts.hostname or ""
    place = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
    return place if parts.path in ("", "/") and not parts.query else f"{place}/…"


def _call(wish: Wish, settings: Settings) -> HttpCall:
    body = msgspec.json.encode(_body(wish))
    key = hashlib.sha256(body).hexdigest()[:_KEY_LENGTH]
    headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)]
    if secret := settings.text("secret"):
        headers.append((SIGNATURE, signature(body, secret, at=wish.at)))
    return HttpCall(method="POST", url=wish.target, headers=tuple(headers), body=body)


def _body(wish: Wish) -> Body:
    people = wish.people or wish.instead
    return Body(
        sync=wish.sync,
        schedule=wish.schedules[0],
        schedules=wish.schedules,
        at=wish.since,
        people=tuple(Person(name=one.person, full_name=one.full_name, email=one.email) for one in people),
        until=wish.until,
        reason=wish.reason,
    )


def _refused(answer: Answer) -> Failed:
    why = f"the program {told(answer)}"
    if answer.status in _REFUSES_US:
        return Failed(why=why, mend="let both sides have the same secret")
    mend = "" if is_passing(answer) else "look at the program's own log, and at the address"
    return Failed(why=why, mend=mend, wait=wait_of(answer), is_busy=answer.status == 429)


SYNC = SyncKind(
    name="webhook",
    follow=follow,
    shown=shown,
    settings=(
        Setting(
            name="secret",
            label="Signing secret",
            hint="Of syncs that name none of their own; made from the secret key when empty.",
            secret=True,
        ),
    ),
)
