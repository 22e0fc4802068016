"""A page or a message to a program: JSON by HTTP, signed, with an idempotency key; a stable contract.

A page has a `delivery_id`, a message has a `message_id` and no alert. Whatever a program answers to a message, nothing
is acknowledged by it. A program that was made for pages is not sent messages unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.channels.addresses import check_web_address
from tocsin.core.paging.attempt import Limits
from tocsin.core.vocabulary import Instant
from tocsin.ports.answers import is_success, not_now, told
from tocsin.ports.channels import Answer, Channel, HttpCall, Memo, Never, Notice, Reached, Setting, Settings, Verdict
from tocsin.ports.signing import SIGNATURE, signature

#: The receiver says that it is gone for good; every other refusal may pass, so it is tried again.
_GONE = 410


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a program receives. Fields may be added; none may change."""

    #: The same for a repeat: whoever has seen it may leave it.
    delivery_id: str
    page_id: str
    #: The worst alert, of which `summary`, `severity` and `service` speak.
    alert_id: str
    #: All alerts that the page covers, worst first.
    alert_ids: tuple[str, ...]
    alert_group_id: str
    #: None: the program itself is the recipient.
    person: str | None
    step: int
    attempt: int
    repeat: bool
    urgency: str
    summary: str
    severity: str
    service: str | None
    drill: bool
    acknowledge_url: str
    open_url: str
    #: RFC 3339, in UTC.
    at: Instant


class MessageBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a program receives of a message. Fields may be added; none may change."""

    #: The same for a repeat: whoever has seen it may leave it.
    message_id: str
    #: What the message is: `reminder`, `swap_offered`, `shifts_moved`, ...
    kind: str
    person: str
    #: In the person's language, with times on the person's clock.
    title: str
    text: str
    #: What the texts speak of; instants are RFC 3339, in UTC.
    values: Mapping[str, str]
    open_url: str
    repeat: bool
    #: RFC 3339, in UTC.
    at: Instant


def compose(notice: Notice, settings: Settings) -> HttpCall:
    """One POST with all that a program needs to act for a person."""
    body = msgspec.json.encode(_body(notice))
    return _call(notice.address, body, settings, key=notice.delivery_id, at=notice.at)


def tell(memo: Memo, settings: Settings) -> HttpCall:
    """One POST with the texts, and with the values that they are made of."""
    body = msgspec.json.encode(_message(memo))
    return _call(memo.address, body, settings, key=memo.message_id, at=memo.at)


def _call(url: str, body: bytes, settings: Settings, *, key: str, at: Instant) -> HttpCall:
    headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)]
    if secret := settings.text("secret"):
        headers.append((SIGNATURE, signature(body, secret, at=at)))
    return HttpCall(method="POST", url=url, headers=tuple(headers), body=body)


def interpret(answer: Answer) -> Verdict:
    """2xx has reached the program, 410 never will; anything else is tried again as the limits say."""
    if is_success(answer):
        return Reached()
    return Never(why=told(answer)) if answer.status == _GONE else not_now(answer)


def _body(notice: Notice) -> Body:
    worst = notice.alerts[0]
    return Body(
        delivery_id=notice.delivery_id,
        page_id=notice.page_id,
        alert_id=worst.alert_id,
        alert_ids=tuple(alert.alert_id for alert in notice.alerts),
        alert_group_id=notice.alert_group_id,
        person=notice.person,
        step=notice.step,
        attempt=notice.attempt,
        repeat=notice.repeat,
        urgency=notice.urgency,
        summary=worst.summary,
        severity=worst.severity,
        service=worst.service,
        drill=notice.drill,
        acknowledge_url=notice.acknowledge_url,
        open_url=notice.open_url,
        at=notice.at,
    )


def _message(memo: Memo) -> MessageBody:
    return MessageBody(
        message_id=memo.message_id,
        kind=memo.kind,
        person=memo.person,
        title=memo.title,
        text=memo.text,
        values=dict(memo.values),
        open_url=memo.open_url,
        repeat=memo.repeat,
        at=memo.at,
    )


CHANNEL = Channel(
    name="webhook",
    compose=compose,
    tell=tell,
    tells_when="messages",
    interpret=interpret,
    check_address=check_web_address,
    settings=(
        Setting(
            name="secret",
            label="Signing secret",
            hint="Receivers check Tocsin-Signature with it; made from the secret key when empty.",
            secret=True,
        ),
        Setting(
            name="messages",
            label="Send messages, too",
            hint="Reminders, offers and the like, to programs that tell them from pages by their message_id.",
            default=False,
        ),
    ),
    limits=Limits(),
    address_hint="https://example.org/hook",
)
