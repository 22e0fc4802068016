"""ntfy reaches a phone within its limits, and shows its token to nobody else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from channels.memos import memo
from channels.notices import mention, notice
from tocsin.channels.ntfy import compose, tell
from tocsin.core.vocabulary import Severity, Urgency
from tocsin.ports.channels import Settings

SETTINGS = Settings(values={"server": "https://ntfy.example.org/", "token": "tk_secret"})


@pytest.mark.parametrize(
    ("address", "is_shown"),
    [
        ("ada-phone", True),
        ("https://ntfy.example.org/ada-phone", True),
        ("https://ntfy.sh/ada-phone", False),
        ("https://ntfy.example.org.attacker.example/ada-phone", False),
        ("http://ntfy.example.org/ada-phone", False),
    ],
)
def test_the_token_is_for_its_server_alone(address: str, is_shown: bool) -> None:
    """A person who writes another server into a contact does not learn the token."""
    assert ("Authorization" in dict(compose(notice(address=address), SETTINGS).headers)) is is_shown


def test_a_topic_alone_is_on_the_usual_server() -> None:
    """Without settings that is ntfy.sh."""
    call = compose(notice(address="ada-phone"), Settings())
    assert (call.url, json.loads(call.body)["topic"]) == ("https://ntfy.sh/", "ada-phone")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_storm_still_fits_a_push(language: str) -> None:
    """The whole message stays well below the 4 KB above which Apple drops it without a word."""
    alerts = (replace(mention(i, summary="告警" * 400), service="服" * 200) for i in range(50))
    body = compose(notice(*alerts, address="ada-phone", language=language), SETTINGS).body
    message = json.loads(body)["message"]
    assert len(message.encode()) <= 1200
    assert message.endswith("…")
    assert len(body) < 3000


@pytest.mark.parametrize(
    ("urgency", "severity", "priority"),
    [
        (Urgency.HIGH, Severity.CRITICAL, 5),
        (Urgency.HIGH, Severity.ERROR, 5),
        (Urgency.HIGH, Severity.WARNING, 4),
        (Urgency.HIGH, Severity.INFO, 4),
        (Urgency.LOW, Severity.CRITICAL, 3),
        (Urgency.LOW, Severity.INFO, 3),
    ],
)
def test_the_phone_is_as_loud_as_it_is_urgent(urgency: Urgency, severity: Severity, priority: int) -> None:
    """Urgency decides whether it wakes, severity how loudly."""
    page = notice(replace(mention(), severity=severity), urgency=urgency)
    assert json.loads(compose(page, SETTINGS).body)["priority"] == priority


def test_no_button_acts_by_itself() -> None:
    """Every subscriber of the topic holds the buttons: they open pages, and change nothing."""
    page = notice()
    body = json.loads(compose(page, SETTINGS).body)
    assert [button["action"] for button in body["actions"]] == ["view", "view"]
    assert [button["url"] for button in body["actions"]] == [page.acknowledge_url, page.open_url]


@pytest.mark.parametrize(("urgency", "priority"), [(Urgency.LOW, 2), (Urgency.HIGH, 4)])
def test_a_message_makes_no_sound(urgency: Urgency, priority: int) -> None:
    """A memo lies on the phone until it is looked at; only one that must be heard at once rings."""
    call = tell(memo(address="ada-phone", urgency=urgency), SETTINGS)
    body = json.loads(call.body)
    assert (body["topic"], body["priority"]) == ("ada-phone", priority)
    assert [button["url"] for button in body["actions"]] == [memo().open_url]


def test_the_token_of_a_message_is_for_its_server_alone() -> None:
    """A memo shows the token to nobody to whom a page would not."""
    shown = ["Authorization" in dict(tell(memo(address=address), SETTINGS).headers) for address in ("a", "https://b/c")]
    assert shown == [True, False]
