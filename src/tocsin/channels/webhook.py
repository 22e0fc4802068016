"""A page to a program: JSON by HTTP, signed, with an idempotency key; its shape is part of the stable contract."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from tocsin.channels.addresses import check_web_address
from tocsin.channels.answers import is_success, not_now, told
from tocsin.core.paging.attempt import Limits
from tocsin.core.vocabulary import Instant
from tocsin.ports.channels import Answer, Channel, HttpCall, Never, Notice, Reached, Setting, Settings, Verdict

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


def compose(notice: Notice, settings: Settings) -> HttpCall:
    """One POST with all that a program needs to act for a person."""
    body = msgspec.json.encode(_body(notice))
    headers = [("Content-Type", "application/json"), ("Idempotency-Key", notice.delivery_id)]
    if secret := settings.text("secret"):
        headers.append(("Tocsin-Signature", signature(body, secret, at=notice.at)))
    return HttpCall(method="POST", url=notice.address, headers=tuple(headers), body=body)


def signature(body: bytes, secret: str, *, at: Instant) -> str:
    """`t=<unix>,v1=<hex>`: the HMAC-SHA256 of time, dot and body, so that neither can be exchanged alone."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


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


CHANNEL = Channel(
    name="webhook",
    compose=compose,
    interpret=interpret,
    check_address=check_web_address,
    settings=(
        Setting(
            name="secret",
            label="Signing secret",
            hint="Receivers check Tocsin-Signature with it; made from the secret key when empty.",
            secret=True,
        ),
    ),
    limits=Limits(),
    address_hint="https://example.org/hook",
)
