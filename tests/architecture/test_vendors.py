"""Vendors live behind doors: neither the core nor what all pages share knows one by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.house import HOUSE, listed

VENDORS = (
    "alertmanager", "apprise", "cloudwatch", "datadog", "dingtalk", "discord", "feishu", "goalert", "grafana", "jira",
    "mattermost", "msteams", "nagios", "ntfy", "opsgenie", "pagerduty", "prometheus", "pushover", "servicenow",
    "splunk", "telegram", "twilio", "victorops", "wecom", "whatsapp", "zabbix",
)  # fmt: skip

#: A library of our own choice, not a vendor that a team has to have.
LIBRARIES = re.compile(r"prometheus[_-]client", re.IGNORECASE)

#: Slack is also a word: alone and in small letters it is one, as a part of a name or in quotes it is the vendor.
NAMED = re.compile(rf"(?i:{'|'.join(VENDORS)})|Slack|SLACK|slack[_-]|_slack|[\"']slack")

#: The list of dialects has to name them, as any list of plug-ins does.
LISTS = frozenset({"web/api/__init__.py"})

SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".txt"})


def vendor_names(text: str) -> list[tuple[int, str]]:
    """Line and name of every vendor in a text: in code, words, comments and templates alike."""
    lines = LIBRARIES.sub("", text).splitlines()
    return [(number, found[0]) for number, line in enumerate(lines, start=1) for found in NAMED.finditer(line)]


def is_shared(place: str) -> bool:
    """True for the core, and for web files that are no dialect of a vendor's, no list of them and not third-party."""
    room, _, rest = place.partition("/")
    if room == "core":
        return True
    return room == "web" and not NAMED.search(rest) and place not in LISTS and "static/vendor/" not in place


def test_no_vendor_in_shared_code() -> None:
    """A change at a vendor's never reaches the core or a shared page."""
    findings = [
        f"{place}:{line}: names {name}"
        for place, path in _files()
        if is_shared(place)
        for line, name in vendor_names(path.read_text(encoding="utf-8"))
    ]
    assert not findings, listed(findings)


@pytest.mark.parametrize("text", ["class OpsgenieAlert: ...", "# as Grafana has it", "send('slack')", "<b>ntfy</b>"])
def test_a_vendor_is_seen(text: str) -> None:
    """A name is found inside an identifier, a comment, a string and a template."""
    assert vendor_names(text)


def test_a_word_is_no_vendor() -> None:
    """Slack in a rope is not the chat."""
    assert not vendor_names("slack = every * at_once\nstart - slack")
    assert vendor_names("slack_channel = 1")


def test_a_library_is_no_vendor() -> None:
    """The metrics library may be imported; the product it is named after stays a vendor."""
    assert not vendor_names("from prometheus_client import Counter")
    assert vendor_names("import prometheus_client\n# Prometheus asks for this") == [(2, "Prometheus")]


def test_dialects_may_name_their_vendor() -> None:
    """A dialect's own file speaks its vendor's language; every other page is shared."""
    shared = ["core/events.py", "web/server.py", "web/templates/alert.html", "web/pages/alerts.py"]
    own = ["web/api/opsgenie.py", "web/api/__init__.py", "web/static/vendor/slack-icons.js", "intake/pagerduty.py"]
    assert [place for place in shared + own if is_shared(place)] == shared


def _files() -> Iterator[tuple[str, Path]]:
    for path in sorted(HOUSE.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            yield path.relative_to(HOUSE).as_posix(), path
