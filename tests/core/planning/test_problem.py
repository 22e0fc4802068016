"""What can stand in a rota's way, and a problem without it."""

from __future__ import annotations

from datetime import timedelta

from core.planning.plans import PRIMARY, away, no_thursdays, person, pin, weekly
from tocsin.core.planning import Away, Gap, Limit, Problem, Takes

ABSENCE = away("2026-12-21", "2027-01-04", "skiing")
GAP = Limit(name="gap", rule=Gap(at_least=timedelta(hours=11)))
PROBLEM = Problem(
    duties=weekly(2),
    people=(person("ada", ABSENCE, roles=frozenset({PRIMARY})), person("grace")),
    wishes=(no_thursdays("ada"), no_thursdays("grace", hard=True)),
    limits=(GAP, GAP),
    pins=(pin("primary 2026-12-21", "ada"),),
)


def test_reasons_are_everything_that_could_be_given_up() -> None:
    """Absences, roles, hard wishes, limits and pins, each once; other wishes stand in nobody's way."""
    assert PROBLEM.reasons == (
        Away(person=PROBLEM.people[0].name, absence=ABSENCE),
        Takes(person=PROBLEM.people[0].name, roles=frozenset({PRIMARY})),
        PROBLEM.wishes[1],
        GAP,
        PROBLEM.pins[0],
    )


def test_keeping_all_reasons_changes_nothing() -> None:
    """The problem with every reason is the problem itself."""
    assert PROBLEM.keeping(PROBLEM.reasons) == PROBLEM


def test_keeping_some_gives_up_the_others() -> None:
    """What is left out is gone; wishes that are not hard stay."""
    bare = PROBLEM.keeping(())
    assert bare.reasons == ()
    assert bare.wishes == (PROBLEM.wishes[0],)
    assert bare.duties == PROBLEM.duties
    assert PROBLEM.keeping(PROBLEM.reasons[:1]).reasons == PROBLEM.reasons[:1]
