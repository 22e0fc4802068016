"""What each rule means, case by case."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from core.planning.plans import (
    BERLIN,
    NEW_YORK,
    PRIMARY,
    SECONDARY,
    away,
    duty,
    no_thursdays,
    person,
    pin,
    weekly,
    wish,
)
from tocsin.core.planning import (
    Always,
    Apart,
    Avoids,
    Away,
    Candidate,
    During,
    Duty,
    DutyId,
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
    Wish,
    check,
)
from tocsin.core.planning.limits import Rule
from tocsin.core.vocabulary import PersonName

ADA, GRACE = person("ada"), person("grace")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def broken(problem: Problem, *names: str) -> list[tuple[Always | Reason, tuple[str, ...]]]:
    """Which rules are broken by which duties when the duties are given to these people, one after the other."""
    assignment = {each.id: PersonName(name) for each, name in zip(problem.duties, names, strict=True)}
    return [(each.rule, each.duties) for each in check(problem, assignment)]


def problem(*duties: Duty, people: tuple[Candidate, ...] = (ADA, GRACE), **rest: tuple[object, ...]) -> Problem:
    """A problem of ada and grace, unless others are named."""
    return Problem(duties=duties, people=people, **rest)  # type: ignore[arg-type]


def days(count: int, *, hours: float = 8, begins: int = 9) -> tuple[Duty, ...]:
    """Shifts of so many days from Monday on."""
    return tuple(duty(f"2027-01-{4 + number:02}T{begins:02}:00", hours) for number in range(count))


def is_kept(rule: Rule, *duties: Duty) -> bool:
    """True when one person may have all these duties under a limit."""
    limit = Limit(name="limit", rule=rule)
    found = check(
        Problem(duties=duties, people=(ADA,), limits=(limit,)), {each.id: PersonName("ada") for each in duties}
    )
    assert {each.rule for each in found} <= {limit}
    return not found


def is_missed(kind: Wish, *duties: Duty, people: tuple[Candidate, ...] = (ADA,)) -> bool:
    """True when ada's having these duties misses a hard wish of hers."""
    found = check(
        Problem(duties=duties, people=people, wishes=(kind,)), {each.id: PersonName("ada") for each in duties}
    )
    assert {each.rule for each in found} <= {kind}
    return bool(found)


def hard(kind: Avoids | Prefers | Wants | Apart | NotWith) -> Wish:
    """A hard wish of ada's."""
    return wish("ada", kind, hard=True)


def test_every_duty_is_somebodys() -> None:
    """A duty without a person, and one of somebody who is not in the plan, are both empty."""
    first, second = days(2)
    asked = problem(first, second)
    assert [each.duties for each in check(asked, {})] == [(first.id,), (second.id,)]
    found = check(asked, {first.id: PersonName("ada"), second.id: PersonName("linus")})
    assert [(each.rule, each.duties) for each in found] == [(Always.FILLED, (second.id,))]


def test_nobody_has_two_duties_at_one_time() -> None:
    """Not in two roles, and not in two that overlap by a moment; one that begins with the other's end is none."""
    both = weekly(1, PRIMARY, SECONDARY)
    assert [rule for rule, _ in broken(problem(*both), "ada", "ada")] == [Always.ONE_AT_A_TIME]
    assert not broken(problem(*both), "ada", "grace")
    late = duty("2027-01-04T09:00", 8), duty("2027-01-04T16:59", 8)
    assert [rule for rule, _ in broken(problem(*late), "ada", "ada")] == [Always.ONE_AT_A_TIME]
    assert not broken(problem(duty("2027-01-04T09:00", 8), duty("2027-01-04T17:00", 8)), "ada", "ada")


def test_who_is_away_takes_nothing_that_touches_it() -> None:
    """Even a moment of an absence forbids the duty; one that ends as the duty begins does not."""
    absence = away("2027-01-04T16:59", "2027-01-04T17:30")
    asked = problem(*days(1), people=(person("ada", absence), GRACE))
    assert broken(asked, "ada") == [(Away(person=PersonName("ada"), absence=absence), (asked.duties[0].id,))]
    assert not broken(problem(*days(1), people=(person("ada", away("2027-01-04T08:00", "2027-01-04T09:00")),)), "ada")


def test_people_take_their_roles_alone() -> None:
    """Somebody who takes secondary duties is never primary; somebody without a word takes any."""
    only = frozenset({SECONDARY})
    asked = problem(*weekly(1, PRIMARY, SECONDARY), people=(person("ada", roles=only), GRACE))
    takes = Takes(person=PersonName("ada"), roles=only)
    assert broken(asked, "ada", "grace") == [(takes, ("primary 2026-12-21",))]
    assert not broken(asked, "grace", "ada")


def test_pins_hold() -> None:
    """A pinned duty is that person's, and one that is barred is not."""
    asked = problem(*weekly(1), pins=(pin("primary 2026-12-21", "ada"),))
    assert not broken(asked, "ada")
    assert broken(asked, "grace") == [(asked.pins[0], ("primary 2026-12-21",))]
    barred = problem(*weekly(1), pins=(pin("primary 2026-12-21", "ada", holds=False),))
    assert broken(barred, "ada") == [(barred.pins[0], ("primary 2026-12-21",))]
    assert not broken(barred, "grace")


def test_a_gap_is_between_an_end_and_the_next_start() -> None:
    """Sixteen hours lie between two days of eight hours, so sixteen are kept and a minute more is not."""
    assert is_kept(Gap(at_least=16 * HOUR), *days(3))
    assert not is_kept(Gap(at_least=16 * HOUR + timedelta(minutes=1)), *days(2))


def test_rest_is_one_piece_from_each_start_on() -> None:
    """Eleven hours of a day: after thirteen hours of duty they fit, after fourteen they do not, nor in two pieces."""
    rest = Rest(at_least=11 * HOUR, in_every=DAY)
    assert is_kept(rest, duty("2027-01-04T06:00", 13), duty("2027-01-05T06:00", 8))
    assert not is_kept(rest, duty("2027-01-04T06:00", 14))
    assert not is_kept(rest, duty("2027-01-04T06:00", 4), duty("2027-01-04T16:00", 4))
    weekend = Rest(at_least=35 * HOUR, in_every=7 * DAY)
    assert is_kept(weekend, *days(6))
    assert not is_kept(weekend, *days(7))


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        (Most(count=3), 3),
        (Most(count=24, of=Of.HOURS), 3),
        (Most(count=23, of=Of.HOURS), 2),
        (Most(count=5, per=Per.WEEK), 5),
        (Most(count=4, per=Per.WEEK), 4),
        (Most(count=1, of=Of.WEEKENDS), 7),
        (Most(count=0, of=Of.WEEKENDS), 5),
        (Most(count=0, of=Of.NIGHTS), 7),
        (Most(count=0), 0),
    ],
)
def test_so_many_at_most(rule: Most, most: int) -> None:
    """Days from Monday on: so many of them one person may have in that week or month."""
    allowed = [count for count in range(1, 8) if is_kept(rule, *days(count))]
    assert max(allowed, default=0) == most


def test_what_is_counted_belongs_to_the_week_or_month_it_is_in() -> None:
    """A night of the thirty-first is the old month's; a duty belongs to the day on which it begins."""
    last, first = duty("2027-01-31T21:00", 10), duty("2027-02-01T21:00", 10)
    assert is_kept(Most(count=1, of=Of.NIGHTS), last, first)
    assert is_kept(Most(count=1), last, first)
    assert not is_kept(Most(count=1, per=Per.PLAN), last, first)


def test_holidays_are_counted() -> None:
    """Of two public holidays one person may have one."""
    limit = Limit(name="limit", rule=Most(count=1, of=Of.HOLIDAYS, per=Per.PLAN))
    people = (person("ada", holidays=("2027-01-04", "2027-01-05")),)
    assert broken(problem(*days(2), people=people, limits=(limit,)), "ada", "ada")
    assert not broken(problem(*days(1), people=people, limits=(limit,)), "ada")


def test_a_run_is_of_duties_with_less_than_a_day_between_them() -> None:
    """Three nights are a run of three; after a day off a new one begins."""
    nights = days(4, hours=10, begins=21)
    assert is_kept(InARow(most=4), *nights)
    assert not is_kept(InARow(most=3), *nights)
    assert is_kept(InARow(most=2), nights[0], nights[1], nights[3])
    assert not is_kept(InARow(most=1), *weekly(2))


def test_a_limit_holds_for_those_it_names() -> None:
    """Whoever is not named may have more."""
    limit = Limit(name="limit", rule=Most(count=0), people=frozenset({PersonName("ada")}))
    asked = problem(*days(1), limits=(limit,))
    assert broken(asked, "ada") == [(limit, (asked.duties[0].id,))]
    assert not broken(asked, "grace")


def test_no_thursdays() -> None:
    """A week has a Thursday in it; the night to Thursday has one from three in the morning on."""
    assert is_missed(no_thursdays("ada", hard=True), *weekly(1))
    assert is_missed(no_thursdays("ada", hard=True), duty("2027-01-06T19:00", 8))
    assert not is_missed(no_thursdays("ada", hard=True), duty("2027-01-06T18:00", 8))
    assert not is_missed(no_thursdays("ada", hard=True), *days(3))


@pytest.mark.parametrize(
    ("which", "meant"),
    [
        (Which(roles=frozenset({SECONDARY})), False),
        (Which(roles=frozenset({PRIMARY})), True),
        (Which(weekdays=frozenset({0}), between=(time(8), time(9))), False),
        (Which(weekdays=frozenset({0}), between=(time(8), time(9, 1))), True),
        (Which(weekdays=frozenset({0}), between=(time(17), time(9, 1))), False),
        (Which(weekdays=frozenset({6}), between=(time(17), time(9, 1))), True),
        (Which(first=date(2027, 1, 4)), True),
        (Which(last=date(2027, 1, 3)), False),
        (Which(during=During.NIGHTS), False),
        (Which(during=During.WEEKENDS), False),
        (Which(during=During.HOLIDAYS), True),
        (Which(during=During.HOLIDAYS, weekdays=frozenset({1})), False),
        (Which(), True),
    ],
)
def test_which_duties_are_meant(which: Which, meant: bool) -> None:
    """A Monday from nine to five, a holiday of ada's, is meant by what it fulfils altogether."""
    assert which.matches(days(1)[0], person("ada", holidays=("2027-01-04",))) is meant
    assert is_missed(hard(Avoids(which=which)), *days(1), people=(person("ada", holidays=("2027-01-04",)),)) is meant
    assert (
        is_missed(hard(Prefers(which=which)), *days(1), people=(person("ada", holidays=("2027-01-04",)),)) is not meant
    )


def test_days_are_those_of_whoever_wishes() -> None:
    """Wednesday evening in New York is Thursday in Berlin."""
    shift = duty("2027-01-06T23:00", 4)
    thursday = Which(weekdays=frozenset({3}))
    assert thursday.matches(shift, person("ada", zone=BERLIN))
    assert not thursday.matches(shift, person("grace", zone=NEW_YORK))


def test_wanting_one_is_missed_by_having_none() -> None:
    """One of the week before Christmas is enough, and other duties do not matter."""
    wanted = hard(Wants(which=Which(first=date(2027, 1, 4), last=date(2027, 1, 5))))
    assert not is_missed(wanted, *days(4))
    assert is_missed(wanted, *days(4)[2:])


def test_not_two_weeks_running() -> None:
    """Each two duties that are nearer miss it, whatever lies between them."""
    apart = hard(Apart(by=timedelta(weeks=1)))
    first, second, third = weekly(3)
    assert is_missed(apart, first, second)
    assert not is_missed(apart, first, third)
    nearer = Problem(duties=weekly(3), people=(ADA,), wishes=(hard(Apart(by=timedelta(weeks=2))),))
    assert len(broken(nearer, "ada", "ada", "ada")) == 3


def test_not_with_somebody() -> None:
    """Two who would rather not meet are not on duty together, whose wish it is and in whatever roles."""
    asked = problem(*weekly(2, PRIMARY, SECONDARY), wishes=(hard(NotWith(other=PersonName("grace"))),))
    found = broken(asked, "ada", "grace", "grace", "ada")
    assert [duties for _, duties in found] == [
        ("primary 2026-12-21", "secondary 2026-12-21"),
        ("secondary 2026-12-28", "primary 2026-12-28"),
    ]


def test_a_soft_wish_breaks_nothing() -> None:
    """What is only wished for is a matter of cost."""
    assert not broken(problem(*weekly(1), wishes=(no_thursdays("ada"),)), "ada")


def test_who_is_in_the_plan_twice_is_refused() -> None:
    """A person, a duty, a name nobody knows: a problem that cannot be meant is not made."""
    with pytest.raises(Exception, match="'ada' is there 2 times"):
        problem(*days(1), people=(ADA, ADA))
    with pytest.raises(Exception, match="there 2 times"):
        problem(*days(1), *days(1))
    with pytest.raises(Exception, match="'linus' is not among the people"):
        problem(*days(1), wishes=(wish("ada", NotWith(other=PersonName("linus"))),))
    with pytest.raises(Exception, match="no duty 'never'"):
        problem(*days(1), pins=(pin(DutyId("never"), "ada"),))
    with pytest.raises(Exception, match="no duty to fill"):
        problem()
    with pytest.raises(Exception, match="nobody to take"):
        problem(*days(1), people=())
