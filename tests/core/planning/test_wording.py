"""Reasons, limits and wishes in words."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from core.planning.plans import BERLIN, PRIMARY, SECONDARY, away, no_thursdays, person, pin, weekly
from tocsin.core.planning import (
    Absence,
    Apart,
    Avoids,
    Away,
    During,
    Gap,
    InARow,
    Limit,
    Most,
    NotWith,
    Of,
    Per,
    Prefers,
    Problem,
    Reason,
    Rest,
    Takes,
    Wants,
    Which,
)
from tocsin.core.planning.limits import Rule
from tocsin.core.planning.wishes import Kind
from tocsin.core.planning.wording import length_text, reason_text, rule_text, wish_text
from tocsin.core.vocabulary import PersonName

HOUR = timedelta(hours=1)
ADA = PersonName("ada")
PROBLEM = Problem(duties=weekly(1), people=(person("ada", zone=BERLIN), person("grace")))


def of_ada(absence: Absence) -> Reason:
    """Ada is away."""
    return Away(person=ADA, absence=absence)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (of_ada(away("2026-12-20T23:00", "2027-01-03T23:00")), "ada: away 2026-12-21 to 2027-01-03"),
        (of_ada(away("2026-12-20T23:00", "2026-12-21T23:00", "moving")), "ada: away 2026-12-21 (moving)"),
        (of_ada(away("2026-12-21T08:00", "2026-12-21T11:00")), "ada: away 2026-12-21 09:00 to 2026-12-21 12:00"),
        (Takes(person=ADA, roles=frozenset({SECONDARY})), "ada: secondary only"),
        (Takes(person=ADA, roles=frozenset({SECONDARY, PRIMARY})), "ada: primary and secondary only"),
        (Takes(person=ADA, roles=frozenset()), "ada: no role at all"),
        (no_thursdays("ada", hard=True), "ada: no Thursdays (hard)"),
        (Limit(name="11 h rest", rule=Gap(at_least=HOUR)), "limit: 11 h rest"),
        (Limit(name="rest", rule=Gap(at_least=HOUR), people=frozenset({ADA})), "limit: rest (ada)"),
        (pin("primary 2026-12-21", "ada"), "pin: primary 2026-12-21 is ada's"),
        (pin("primary 2026-12-21", "ada", holds=False), "pin: primary 2026-12-21 is not ada's"),
    ],
)
def test_a_reason_is_quoted(reason: Reason, text: str) -> None:
    """Each reason is one line that people recognise; absences are told on the person's own clock."""
    assert reason_text(reason, PROBLEM) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Gap(at_least=11 * HOUR), "11 h between duties"),
        (Rest(at_least=35 * HOUR, in_every=timedelta(weeks=1)), "35 h rest in every week"),
        (Most(count=8, of=Of.NIGHTS), "at most 8 nights a month"),
        (Most(count=1, per=Per.WEEK), "at most 1 duty a week"),
        (Most(count=2, of=Of.HOLIDAYS, per=Per.PLAN), "at most 2 holidays in all"),
        (InARow(most=3), "at most 3 duties in a row"),
    ],
)
def test_a_limit_without_a_name_says_what_it_is(rule: Rule, text: str) -> None:
    """Limits are called by what they allow."""
    assert rule_text(rule) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Avoids(which=Which(weekdays=frozenset({3}))), "no Thursdays"),
        (
            Avoids(which=Which(weekdays=frozenset({3, 1}), between=(time(17), time(22)))),
            "no Tuesdays, Thursdays 17:00 to 22:00",
        ),
        (Prefers(which=Which(during=During.NIGHTS)), "rather nights"),
        (Avoids(which=Which(during=During.NIGHTS, weekdays=frozenset({4}))), "no nights on Fridays"),
        (Prefers(which=Which(roles=frozenset({SECONDARY}))), "rather secondary"),
        (
            Wants(which=Which(first=date(2026, 12, 21), last=date(2026, 12, 27))),
            "one of the duties from 2026-12-21 to 2026-12-27",
        ),
        (Avoids(which=Which(first=date(2026, 12, 24), last=date(2026, 12, 24))), "no duties on 2026-12-24"),
        (Wants(which=Which()), "one of the duties"),
        (Apart(by=timedelta(weeks=2)), "2 weeks between duties"),
        (NotWith(other=ADA), "not with ada"),
    ],
)
def test_a_wish_without_a_name_says_what_it_is(kind: Kind, text: str) -> None:
    """Wishes are called by what they say."""
    assert wish_text(kind) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(weeks=1), "1 week"),
        (timedelta(days=3), "3 days"),
        (35 * HOUR, "35 h"),
        (timedelta(days=4, hours=8), "4 days 8 h"),
        (timedelta(hours=7, minutes=30), "7 h 30 min"),
        (timedelta(), "0 h"),
    ],
)
def test_a_length_in_words(length: timedelta, text: str) -> None:
    """Short lengths stay in hours, as laws have them."""
    assert length_text(length) == text
