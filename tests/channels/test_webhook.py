"""The webhook is a contract: a receiver written from its text alone can check and understand it."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace

from channels.memos import memo
from channels.notices import NOW, mention, notice
from tocsin.channels.webhook import CHANNEL, compose, tell
from tocsin.core.vocabulary import Urgency
from tocsin.ports.channels import HttpCall, Settings

SIGNED = Settings(values={"secret": "open sesame"})

#: As `contract/README.md` names them.
FIELDS = [
    "delivery_id", "page_id", "alert_id", "alert_ids", "alert_group_id", "person", "step", "attempt", "repeat",
    "urgency", "summary", "severity", "service", "drill", "acknowledge_url", "open_url", "at",
]  # fmt: skip


def receiver_accepts(call: HttpCall, secret: str) -> bool:
    """How a receiver would check the signature, written from the contract's sentence."""
    headers = dict(call.headers)
    parts = dict(part.split("=", 1) for part in headers["Tocsin-Signature"].split(","))
    signed = parts["t"].encode() + b"." + call.body
    return hmac.compare_digest(hmac.digest(secret.encode(), signed, "sha256").hex(), parts["v1"])


def test_the_signature_can_be_checked() -> None:
    """A receiver with the secret accepts the call; without it, or with one byte changed, it does not."""
    call = compose(notice(), SIGNED)
    assert receiver_accepts(call, "open sesame")
    assert not receiver_accepts(call, "another")
    assert not receiver_accepts(replace(call, body=call.body + b" "), "open sesame")


def test_the_signature_tells_when() -> None:
    """The signed time is the notice's, in Unix seconds, so that a receiver can refuse old calls."""
    headers = dict(compose(notice(), SIGNED).headers)
    assert headers["Tocsin-Signature"].startswith(f"t={int(NOW.timestamp())},v1=")


def test_without_a_secret_nothing_is_signed() -> None:
    """A signature that anybody could make would be worse than none."""
    assert "Tocsin-Signature" not in dict(compose(notice(), Settings()).headers)


def test_the_body_is_the_contract() -> None:
    """Every field of the contract is there, null where there is nothing to say."""
    body = json.loads(compose(notice(person=None, urgency=Urgency.LOW), SIGNED).body)
    assert list(body) == FIELDS
    assert body["person"] is None
    assert body["at"] == "2026-03-23T02:00:12Z"


def test_a_bundle_covers_all_its_alerts() -> None:
    """`alert_id` and `summary` speak of the worst, `alert_ids` of all."""
    body = json.loads(compose(notice(mention(1, summary="Worst"), mention(2), mention(3)), SIGNED).body)
    assert body["alert_ids"] == ["alert-1", "alert-2", "alert-3"]
    assert (body["alert_id"], body["summary"]) == ("alert-1", "Worst")


def test_a_repeat_keeps_its_key() -> None:
    """A receiver knows a repeat by its key, and by its mark."""
    first, again = compose(notice(), SIGNED), compose(notice(repeat=True), SIGNED)
    assert dict(first.headers)["Idempotency-Key"] == dict(again.headers)["Idempotency-Key"] == "delivery-1"
    assert json.loads(again.body)["repeat"] is True


def test_the_secret_is_kept_secret() -> None:
    """The settings page shows no secret."""
    assert [setting.name for setting in CHANNEL.settings if setting.secret] == ["secret"]


def test_a_message_is_signed_like_a_page() -> None:
    """A receiver checks a message as it checks a page, and knows a repeat by its key."""
    first, again = tell(memo(), SIGNED), tell(memo(repeat=True), SIGNED)
    assert receiver_accepts(first, "open sesame")
    assert dict(first.headers)["Idempotency-Key"] == dict(again.headers)["Idempotency-Key"] == "message-1"


def test_the_body_of_a_message_is_the_contract() -> None:
    """Every field is there, and nothing that could be taken for a page."""
    body = json.loads(tell(memo(), SIGNED).body)
    assert list(body) == ["message_id", "kind", "person", "title", "text", "values", "open_url", "repeat", "at"]
    assert (body["kind"], body["values"]["start"], body["at"]) == (
        "reminder",
        "2026-03-24T08:00:00Z",
        "2026-03-23T08:00:12Z",
    )
