"""Why there is no rota, in the words of those who have to give something up."""

from __future__ import annotations

from datetime import timedelta

from core.planning.plans import PRIMARY, SECONDARY, away, no_thursdays, person, pin, team, weekly
from tocsin.core.planning import Clash, Effort, Gap, Limit, Most, Problem
from tocsin.core.planning.wording import reason_text
from tocsin.solving.exact import Exact

REST = Limit(name="11 h rest", rule=Gap(at_least=timedelta(hours=11)))


def clash(problem: Problem, *, seconds: float = 20.0) -> Clash:
    """Why there is no rota."""
    found = Exact().solve(problem, Effort(seconds=seconds))
    assert isinstance(found, Clash)
    return found


def reasons(problem: Problem) -> list[str]:
    """The same in words, shown to be as few as can be."""
    found = clash(problem)
    assert found.smallest
    return [reason_text(reason, problem) for reason in found.reasons]


def test_everything_that_stands_in_the_way_is_named() -> None:
    """One is away at Christmas, another has no Thursdays, the third cannot do two weeks running: nobody is left."""
    people = (person("ada", away("2026-12-21", "2027-01-04")), person("grace"), person("linus"))
    problem = Problem(
        duties=weekly(4),
        people=(*people, person("mary", away("2027-03-01", "2027-03-08"))),
        wishes=(no_thursdays("grace", hard=True), no_thursdays("linus"), no_thursdays("mary", hard=True)),
        limits=(REST, Limit(name="3 a month", rule=Most(count=3))),
    )
    assert reasons(problem) == [
        "ada: away 2026-12-21 to 2027-01-03",
        "grace: no Thursdays (hard)",
        "mary: no Thursdays (hard)",
        "limit: 11 h rest",
    ]
    assert clash(problem).duties == ("primary 2026-12-21", "primary 2026-12-28")


def test_of_two_clashes_the_smaller_is_told() -> None:
    """Three who are away, and two pins that make one person two: the pins alone are reason enough."""
    absent = away("2026-12-20", "2027-01-04")
    problem = Problem(
        duties=weekly(3, PRIMARY, SECONDARY),
        people=tuple(person(name, absent) for name in ("ada", "grace", "linus")),
        pins=(pin("primary 2027-01-04", "ada"), pin("secondary 2027-01-04", "ada")),
    )
    assert reasons(problem) == ["pin: primary 2027-01-04 is ada's", "pin: secondary 2027-01-04 is ada's"]


def test_too_few_people_are_no_reason_to_give_up() -> None:
    """One person for two roles: there is no wish to give up, and the duties say it."""
    found = clash(Problem(duties=weekly(2, PRIMARY, SECONDARY), people=team(1), wishes=(no_thursdays("p00"),)))
    assert found.reasons == ()
    assert len(found.duties) == 2


def test_without_time_a_clash_is_still_one() -> None:
    """However short the time, every reason that is told takes part in a clash."""
    absent = away("2026-12-20", "2027-01-05")
    people = tuple(person(f"p{number}", absent) for number in range(10))
    problem = Problem(duties=weekly(10), people=people, limits=(REST,))
    found = clash(problem, seconds=0.3)
    assert len(found.reasons) == 10
    assert all(not isinstance(reason, Limit) for reason in found.reasons)
