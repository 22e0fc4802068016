"""What an assignment costs: evenness by entitlement, past and kind of hours, and wishes by their weight."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given

from core.planning.plans import (
    NEW_YORK,
    PRIMARY,
    SECONDARY,
    away,
    duty,
    no_thursdays,
    person,
    rotas,
    team,
    weekly,
    wish,
)
from core.planning.small import problems, tries
from tocsin.core.planning import (
    POINT,
    Apart,
    Assignment,
    Kind,
    Load,
    Missed,
    NotWith,
    Problem,
    Wants,
    Which,
    cost,
    loads,
)
from tocsin.core.vocabulary import PersonName


def given_to(problem: Problem, *names: str) -> Assignment:
    """The duties, one after the other, to these people."""
    return {each.id: PersonName(name) for each, name in zip(problem.duties, names, strict=True)}


def total(problem: Problem, *names: str) -> int:
    """What that costs."""
    return cost(problem, given_to(problem, *names)).total


def test_what_is_exactly_even_costs_nothing() -> None:
    """Four weeks among two who are alike: two for each, whichever."""
    problem = Problem(duties=weekly(4), people=team(2))
    assert total(problem, "p00", "p01", "p00", "p01") == 0
    assert total(problem, "p00", "p00", "p01", "p01") == 0


def test_one_duty_too_many_costs_two_hundred_points_of_hours() -> None:
    """Three for one and one for the other is a duty more than even on one side and one less on the other."""
    problem = Problem(duties=weekly(4), people=team(2))
    found = cost(problem, given_to(problem, "p00", "p00", "p00", "p01"))
    assert found.uneven == {Kind.HOURS: 200 * POINT, Kind.NIGHT: 60 * POINT, Kind.WEEKEND: 60 * POINT}


def test_the_second_duty_too_many_costs_more_than_the_first() -> None:
    """Costs grow by squares, so that what is uneven is spread."""
    problem = Problem(duties=weekly(4), people=team(2))
    one_too_many = total(problem, "p00", "p00", "p00", "p01")
    two_too_many = total(problem, "p00", "p00", "p00", "p00")
    assert two_too_many - one_too_many > one_too_many > 0


def test_part_time_is_entitled_to_less() -> None:
    """Somebody at half of full time carries half as much."""
    problem = Problem(duties=weekly(3), people=(person("ada"), person("grace", share=50)))
    assert total(problem, "ada", "ada", "grace") < total(problem, "ada", "grace", "grace")


def test_absences_lessen_the_share() -> None:
    """Nobody makes up afterwards for the weeks that they were away."""
    there_for_half = person("grace", away("2026-12-21", "2027-01-04"))
    problem = Problem(duties=weekly(6), people=(person("ada"), there_for_half))
    even_in_number = total(problem, "ada", "ada", "ada", "grace", "grace", "grace")
    by_share = total(problem, "ada", "ada", "ada", "ada", "grace", "grace")
    assert by_share < even_in_number


def test_somebody_who_is_never_there_does_not_matter() -> None:
    """Who is away for the whole plan changes no cost."""
    gone = person("linus", away("2026-01-01", "2028-01-01"))
    alone = Problem(duties=weekly(4), people=team(2))
    both = Problem(duties=weekly(4), people=(*team(2), gone))
    for names in (("p00", "p01", "p00", "p01"), ("p00", "p00", "p00", "p01")):
        assert total(alone, *names) == total(both, *names)


def test_past_load_counts() -> None:
    """Who has carried two weeks already gets less now."""
    tired = person("ada", past=Load(shifts=2, hours=33_600, night_hours=14_000, weekend_hours=9_600))
    problem = Problem(duties=weekly(4), people=(tired, person("grace")))
    assert total(problem, "ada", "grace", "grace", "grace") == 0
    assert total(problem, "ada", "ada", "grace", "grace") > 0


def test_a_secondary_counts_by_its_weight() -> None:
    """Two weeks as a secondary are as much as one as the primary."""
    problem = Problem(duties=weekly(3, PRIMARY, SECONDARY), people=team(3))
    found = cost(problem, given_to(problem, "p00", "p01", "p01", "p02", "p02", "p00"))
    assert found.total == 0


def test_whoever_has_no_holiday_takes_it_at_no_cost() -> None:
    """A holiday of one country is an ordinary day in another, and nobody is to have one for evenness."""
    christmas = (duty("2026-12-25T09:00", 24), duty("2026-12-28T09:00", 24))
    at_home = person("ada", holidays=("2026-12-25", "2026-12-26"))
    problem = Problem(duties=christmas, people=(at_home, person("mei")))
    found = cost(problem, given_to(problem, "mei", "ada"))
    assert found.uneven[Kind.HOLIDAY] == 0
    assert cost(problem, given_to(problem, "ada", "mei")).uneven[Kind.HOLIDAY] > 0


def test_nights_are_those_of_whoever_has_them() -> None:
    """Nights in Europe are evenings in New York, so that somebody there is better asked."""
    nights = (duty("2027-01-04T21:00", 9), duty("2027-01-05T21:00", 9))
    problem = Problem(duties=nights, people=(person("ada"), person("grace", zone=NEW_YORK)))
    by_country = {name: cost(problem, given_to(problem, name, name)).uneven[Kind.NIGHT] for name in ("ada", "grace")}
    assert by_country["grace"] < by_country["ada"]


def test_wishes_cost_by_weight_and_number() -> None:
    """Two Thursdays at weight 3 are six points; a wish for one duty is missed once at most."""
    wants = wish("p01", Wants(which=Which()), weight=7)
    problem = Problem(duties=weekly(2), people=team(2), wishes=(no_thursdays("p00"), wants))
    found = cost(problem, given_to(problem, "p00", "p00"))
    assert found.missed == (
        Missed(wish=problem.wishes[0], times=(("primary 2026-12-21",), ("primary 2026-12-28",))),
        Missed(wish=wants, times=((),)),
    )
    assert [each.cost for each in found.missed] == [6 * POINT, 7 * POINT]
    assert found.wishes == 13 * POINT
    assert found.total == found.wishes + sum(found.uneven.values())


def test_meeting_costs_each_time() -> None:
    """Two weeks together count twice, and so do two pairs of weeks that are too near."""
    wishes = (
        wish("p00", NotWith(other=PersonName("p01")), weight=1),
        wish("p00", Apart(by=timedelta(weeks=1)), weight=1),
    )
    problem = Problem(duties=weekly(3, PRIMARY, SECONDARY), people=team(3), wishes=wishes)
    found = cost(problem, given_to(problem, "p00", "p01", "p01", "p00", "p00", "p02"))
    assert [len(each.times) for each in found.missed] == [2, 2]


def test_hard_wishes_cost_nothing() -> None:
    """What no rota is without is not paid for."""
    problem = Problem(duties=weekly(1), people=team(1), wishes=(no_thursdays("p00", hard=True),))
    assert not cost(problem, given_to(problem, "p00")).missed


@tries(100)
@given(problems())
def test_no_cost_is_below_zero(problem: Problem) -> None:
    """Nobody does better than even: each part of the cost of every rota is zero or more."""
    for assignment in rotas(problem):
        found = cost(problem, assignment)
        assert all(amount >= 0 for amount in found.uneven.values())
        assert found.wishes >= 0


def test_loads_are_those_of_the_plan() -> None:
    """What people carried before is not told again."""
    tired = person("p00", past=Load(shifts=2, hours=33_600))
    problem = Problem(duties=weekly(2), people=(tired, person("p01")))
    found = loads(problem, given_to(problem, "p00", "p00"))
    assert found[PersonName("p00")].shifts == 2
    assert found[PersonName("p00")].hours == 33_600
    assert found[PersonName("p01")] == Load()
