"""What is kept from ringing, by what, until when."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from core.scene import T0, after, minutes, trigger
from core.scene import directory as usual
from tocsin.core.alerts.lifecycle import begin
from tocsin.core.alerts.model import Course, Reason, Why
from tocsin.core.alerts.quiet import (
    Comparison,
    Maintenance,
    Matcher,
    Silence,
    labels_of,
    pattern_mistake,
    quiet_reason,
)
from tocsin.core.vocabulary import AlertId, Instant, IntegrationName, ServiceName, Span, Urgency

DATA, WEB = ServiceName("data"), ServiceName("web")


def matcher(text: str) -> Matcher:
    """A matcher as people write it."""
    label, comparison, value = text.split(" ")
    return Matcher(label=label, comparison=Comparison(comparison), value=value)


def silence(name: str, start: int, end: int, *matchers: str) -> Silence:
    """A silence from one minute to another."""
    return Silence(name=name, matchers=tuple(map(matcher, matchers)), span=Span(after(start), after(end)))


def maintenance(name: str, start: int, end: int, *services: ServiceName) -> Maintenance:
    """Planned work from one minute to another."""
    return Maintenance(name=name, services=frozenset(services), span=Span(after(start), after(end)))


def why(*quieting: Silence | Maintenance, now: Instant = T0, service: ServiceName | None = DATA) -> Reason | None:
    """What keeps an alert of host db-1 from ringing."""
    return quiet_reason(
        {"host": "db-1"},
        service,
        silences=[one for one in quieting if isinstance(one, Silence)],
        maintenances=[one for one in quieting if isinstance(one, Maintenance)],
        now=now,
    )


@pytest.mark.parametrize(
    ("written", "labels", "matches"),
    [
        ("host = db-1", {"host": "db-1"}, True),
        ("host = db-1", {"host": "db-10"}, False),
        ("host = db-1", {}, False),
        ("host = ", {}, True),
        ("host != db-1", {"host": "db-2"}, True),
        ("host != db-1", {}, True),
        ("host != db-1", {"host": "db-1"}, False),
        ("host =~ db", {"host": "db-1"}, False),
        ("host =~ db-.", {"host": "db-1"}, True),
        ("host =~ a|db-1", {"host": "db-1"}, True),
        ("host =~ a|db", {"host": "db-1"}, False),
        ("host =~ (?i)DB-1", {"host": "db-1"}, True),
        ("host =~ db-1", {"host": "db-1\n"}, False),
        ("host =~ .*", {}, True),
        ("host =~ .+", {}, False),
        ("host !~ db-.", {"host": "db-1"}, False),
        ("host !~ db-.", {"host": "web"}, True),
        ("host !~ db-.", {}, True),
        ("host =~ (", {"host": "("}, False),
        ("host !~ (", {"host": "db-1"}, False),
    ],
)
def test_matchers(written: str, labels: Mapping[str, str], *, matches: bool) -> None:
    """A missing label is empty, a pattern speaks of the whole value, and one that cannot be read silences nothing."""
    assert matcher(written).matches(labels) is matches


@pytest.mark.parametrize("pattern", ["a.*", "", "(?i)x", r"\d{1,3}", "[a-z]+|b", r"^db-\w+$"])
def test_patterns_that_can_be_read(pattern: str) -> None:
    """What people usually write is no mistake."""
    assert pattern_mistake(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "mistake"),
    [
        ("(", "unclosed group"),
        ("a)|(b", "unopened group"),
        ("*", "repetition operator missing expression"),
        (r"(a)\1", "backreferences are not supported"),
        ("a(?=b)", "look-around, including look-ahead and look-behind, is not supported"),
        ("(a{1,1000}){1,1000}", "Compiled regex exceeds size limit of 10485760 bytes."),
        ("(?x)a#", "unclosed group"),
    ],
)
def test_patterns_that_cannot_be_read(pattern: str, mistake: str) -> None:
    """What is wrong with a pattern is said in a few words."""
    assert pattern_mistake(pattern) == mistake


def test_a_hostile_pattern_does_not_hold_up_the_rest() -> None:
    """A pattern that sends other engines away for years is answered at once."""
    hostile = Matcher(label="job", comparison=Comparison.LIKE, value=r"(a+)+(\w+\s?)*x")
    began = time.perf_counter()
    assert not hostile.matches({"job": "a" * 4_000 + "b"})
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("now", "quiet"), [(-1, False), (0, True), (29, True), (30, False)], ids=["before", "start", "within", "end"]
)
def test_a_silence_holds_within_its_span(now: int, *, quiet: bool) -> None:
    """It begins at its start and is over at its end."""
    assert (why(silence("s", 0, 30, "host = db-1"), now=after(now)) is not None) is quiet


def test_a_silence_needs_all_its_matchers() -> None:
    """One matcher that does not hold is enough for the alert to ring."""
    assert why(silence("s", 0, 30, "host = db-1", "env = prod")) is None
    assert why(silence("s", 0, 30, "host = db-1", "env != prod")) is not None


def test_maintenance_is_of_its_services() -> None:
    """Planned work keeps the named services quiet, no other, and nothing that belongs to no service."""
    work = maintenance("w", 0, 30, DATA)
    assert why(work) == Reason(why=Why.IN_MAINTENANCE, subject="w", until=after(30))
    assert why(work, service=WEB) is None
    assert why(work, service=None) is None


def test_of_several_the_longest_is_named() -> None:
    """The reason that lasts longest is the one that is shown, so that nothing rings between two of them."""
    found = why(silence("short", 0, 10), maintenance("long", 0, 40, DATA), silence("middle", 0, 20))
    assert found == Reason(why=Why.IN_MAINTENANCE, subject="long", until=after(40))


def test_nothing_keeps_it_quiet() -> None:
    """Without a silence or planned work that fits there is no reason."""
    assert why() is None
    assert why(silence("other", 0, 30, "host = db-2"), maintenance("other", 0, 30, WEB)) is None


def test_a_silence_may_match_what_an_alert_says() -> None:
    """Summary, severity and service are matched like labels, and a label of that name goes before."""
    course = Course(service=DATA, urgency=Urgency.HIGH)
    event = trigger("disk", labels={"severity": "page"})
    alert = begin(event, alert_id=AlertId("a"), integration=IntegrationName("n"), course=course, now=T0).alert
    assert labels_of(alert) == {"summary": "disk fails", "severity": "page", "service": "data"}


def test_the_directory_asks_the_same_of_an_event_and_of_its_alert() -> None:
    """What keeps an event's alert from ringing at its beginning is what keeps it from ringing afterwards."""
    quieting = silence("s", 0, 30, "service = pipelines", "summary =~ disk.*", "severity = error")
    installation = replace(usual(), silences=(quieting,))
    choice = installation.choice(trigger(), IntegrationName("native"))
    course = installation.course(trigger(), choice, T0)
    assert course.quiet == Reason(why=Why.SILENCED, subject="s", until=T0 + minutes(30))
    alert = begin(trigger(), alert_id=AlertId("a"), integration=IntegrationName("native"), course=course, now=T0).alert
    assert installation.quiet(labels_of(alert), alert.service, T0) == course.quiet
