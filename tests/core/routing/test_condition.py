"""Conditions: what they say of events, where a mistake is pointed at, and what they can never cost."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import trigger
from tocsin.core.errors import Refused
from tocsin.core.events import conditions_view
from tocsin.core.routing.condition import FUNCTIONS, LONGEST, MOST_PATTERNS, NAMES, Condition
from tocsin.core.vocabulary import Severity

VIEW = conditions_view(
    trigger(
        "disk",
        summary="disk full on db-1",
        severity=Severity.CRITICAL,
        source="prometheus",
        labels={"team": "data", "env": "prod"},
    )
)
#: As large as any door lets an event be.
LARGEST = {
    **VIEW,
    "summary": "a" * 4_000,
    "description": "a" * 15_000,
    "labels": {f"label-{place}": "a" * 512 for place in range(64)},
}


@pytest.mark.parametrize(
    ("source", "matches"),
    [
        ("true", True),
        ('severity == "critical"', True),
        ('severity in ["info", "warning"]', False),
        ('labels.team == "data" && labels.env == "prod"', True),
        ('labels["team"] == "data"', True),
        ('summary.contains("full")', True),
        ('summary.startsWith("disk") && !summary.endsWith("x")', True),
        (r'summary.matches("db-[0-9]+$")', True),
        (r'summary.matches(r"\d+$")', True),
        ("size(summary) > 5", True),
        ("summary.size() > 500 ? true : false", False),
        ('int("7") == 7', True),
        ('"team" in labels', True),
        ("has(labels.team)", True),
        ("has(labels.host)", False),
        ('labels.exists(name, name.startsWith("te"))', True),
        ('labels.all(name, labels[name] != "")', True),
        ('labels.exists_one(name, labels[name] == "data")', True),
        ("labels.filter(name, size(name) == 3).size() == 1", True),
        ('labels.exists(a, a == "x") || labels.exists(b, b == "env")', True),
        ('labels.filter(a, a != "").exists(a, a == "env")', True),
        ('service == ""', True),
        ('"sevrity" != "labls" // a comment about severty', True),
    ],
)
def test_what_a_condition_says(source: str, *, matches: bool) -> None:
    """Comparisons, texts, labels and loops over them mean what they say."""
    assert Condition(source).matches(VIEW) is matches


@pytest.mark.parametrize(
    ("source", "matches"),
    [
        ('labels.host == "db-1"', False),
        ('labels.host != "db-1"', False),
        ('!(labels.host == "db-1")', False),
        ('labels.host == "db-1" || severity == "critical"', True),
        ('severity == "critical" || labels.host == "db-1"', True),
        ('labels.host == "db-1" && severity == "info"', False),
        ('labels.host.matches("^db")', False),
    ],
)
def test_a_missing_label_does_not_match(source: str, *, matches: bool) -> None:
    """What is said of a label that is missing is not true, whichever way it is said; the other side still counts."""
    assert Condition(source).matches(VIEW) is matches


@pytest.mark.parametrize(
    "source",
    [
        "1 / int(labels.zero) == 1",
        "int(summary) == 1",
        "9223372036854775807 + int(labels.one) > 0",
        "-int(labels.least) > 0",
        "int(labels.one) % int(labels.zero) == 0",
        'labels["team"]["team"] == "x"',
        "[1, 2][int(labels.ten)] == 1",
        "double(labels.team) > 0.0",
    ],
)
def test_what_fails_does_not_match(source: str) -> None:
    """A condition that cannot be worked out for an event does not match it, and holds up none."""
    labels = {"zero": "0", "one": "1", "ten": "10", "least": "-9223372036854775808", "team": "data"}
    assert not Condition(source).matches({**VIEW, "labels": labels})


# Refused when it is compiled, with its place


@pytest.mark.parametrize(
    ("source", "says", "hint"),
    [
        ("", "line 1, column 1", None),
        ('severity = "info"', "line 1, column 10", None),
        ("labels.env == ", "line 1, column 15", None),
        ('summary ==\n  severity = "a"', "line 2, column 12", None),
        ('sevrity == "info"', "unknown name 'sevrity' at column 1", "did you mean 'severity'?"),
        ('summary == "sum" && sum == "x"', "unknown name 'sum' at column 21", "did you mean 'summary'?"),
        ('"labls" != "" && labls.env == "x"', "unknown name 'labls' at column 18", "did you mean 'labels'?"),
        ('true ||\n  lables.env == "x"', "unknown name 'lables' at line 2, column 3", "did you mean 'labels'?"),
        ("zzz == 1", "unknown name 'zzz' at column 1", f"known: {', '.join(NAMES)}"),
        ('labels.exists(k, true) && k == "x"', "unknown name 'k' at column 27", None),
        ('summary.startWith("x")', "unknown function 'startWith' at column 9", "did you mean 'startsWith'?"),
        ('timestamp("2026-01-01T00:00:00Z") > now()', "unknown function 'now' at column 37", None),
        ('summary.matches("(")', "a pattern that cannot be read at column 17", "unclosed group"),
        ("summary.matches(labels.p)", "a pattern that is not written out at column 17", None),
        ('summary.matches("a" + source)', "a pattern that is not written out at column 17", None),
        ('labels.map(k, k) == ["a"]', "unknown loop 'map' at column 8", None),
        ("labels.all(a, labels.all(b, a == b))", "a loop inside another one at column 22", None),
        ("labels . exists ( a , [1] . filter ( b , true ) == [] )", "a loop inside another one at column 29", None),
        ("summary", "gives a str, not true or false", None),
        ("size(labels)", "gives a int, not true or false", None),
        ("summary + 1 == summary", "mixes kinds: Unsupported operation: string + int", None),
    ],
)
def test_mistakes_are_refused_with_their_place(source: str, says: str, hint: str | None) -> None:
    """What can never work is refused at once, with line and column and the nearest known name."""
    with pytest.raises(Refused) as refused:
        Condition(source)
    assert says in refused.value.detail
    assert hint is None or refused.value.hint == hint


def test_a_condition_is_known_by_its_source() -> None:
    """Two conditions of one source are equal, so that a configuration that did not change is seen not to have."""
    assert Condition("true") == Condition("true") != Condition("false")
    assert len({Condition("true"), Condition("true")}) == 1
    assert "true" in repr(Condition("true"))


def test_every_name_and_function_is_known_to_the_language() -> None:
    """What a condition may use is there: each name has a value, each function is understood."""
    assert set(NAMES) == set(VIEW)
    calls = {"contains": '.contains("a")', "endsWith": '.endsWith("a")', "matches": '.matches("a")', "size": ".size()"}
    for function in FUNCTIONS:
        call = f"summary{calls[function]}" if function in calls else f'{function}("1")'
        call = 'summary.startsWith("a")' if function == "startsWith" else call
        assert Condition(f"{call} == {call}").matches(VIEW)


# What a condition can never cost


def took(source: str, view: Mapping[str, object]) -> float:
    """Seconds for compiling a condition, if it is taken, and trying it once."""
    began = time.perf_counter()
    with contextlib.suppress(Refused):
        Condition(source).matches(view)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "source",
    [
        "(" * 1_900 + "true" + ")" * 1_900,
        "[" * 1_900 + "]" * 1_900,
        "!" * 3_900 + "true",
        "-" * 3_900 + "1 == 1",
        " || ".join(["false"] * 400),
        "1" + "+1" * 1_900 + " == 0",
        "labels" + ".a" * 1_900 + ' == ""',
        "true ? true : " * 250 + "true",
        "summary in [" + ",".join(['"x"'] * 900) + "]",
        "[" + ",".join(["1"] * 1_800) + "].all(x, x == 1)",
        "[" + ",".join(["1"] * 1_800) + "].filter(x, x == 1).size() == 1",
        "+".join(["description"] * 300) + ' == ""',
        'labels.exists(k, labels[k].matches("^(a|b)*c$"))',
        " || ".join(['description.matches("(a*)*b")'] * MOST_PATTERNS),
        'description.matches("' + "(a?){50}" * 200 + 'b")',
        'description.matches("(a{1,1000}){1,1000}")',
        r'description.matches("(\\w{1,9}){1,60}")',
        "labels.filter(summary, " * 6 + "true" + ").size() > 0" * 6,
        "labels.exists(summary, " * 40 + "true" + ")" * 40,
        "labels" + ".filter(k, true)" * 200 + ".size() == 0",
        "[summary]" + ".map(summary, summary + summary)" * 60 + " == []",
    ],
    ids=lambda source: source[:24],
)
def test_no_condition_runs_away(source: str) -> None:
    """Deep nesting, long lists, huge patterns, loops in loops: refused, or over in a moment on the largest event."""
    assert took(source, LARGEST) < 2


def test_long_conditions_are_refused() -> None:
    """Length and number of patterns have bounds."""
    assert Condition("true" + " " * (LONGEST - 4)).matches(VIEW)
    with pytest.raises(Refused):
        Condition("true" + " " * (LONGEST - 3))
    pattern = 'summary.matches("full")'
    assert Condition(" && ".join([pattern] * MOST_PATTERNS)).matches(VIEW)
    with pytest.raises(Refused):
        Condition(" && ".join([pattern] * (MOST_PATTERNS + 1)))


OPERATORS = ["==", "!=", "<=", "&&", "||", " in ", "size(", "int(", ".matches('a')", ".matches(", ".x", "//c\n"]
LOOPS = [".exists(k, ", ".filter(k, ", "k", "has(labels.x)", "\n", "'", '"', "\\", "é", "\x00"]
VALUES = ["labels.team", "labels['x']", "1", "-1", "9223372036854775807", "1.5", "1u", "true", "null", "'a'", "r'\\'"]
TOKENS = st.sampled_from([*NAMES, *VALUES, *"[](){},:?+-*/%<>!", *OPERATORS, *LOOPS])


@given(st.lists(TOKENS, max_size=12).map(" ".join))
def test_any_text_is_taken_or_refused(source: str) -> None:
    """Whatever is written becomes a condition that answers yes or no, or is refused; nothing else comes of it."""
    try:
        condition = Condition(source)
    except Refused:
        return
    assert condition.matches(VIEW) in (True, False)
