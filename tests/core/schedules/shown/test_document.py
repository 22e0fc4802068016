"""Shifts as programs read them: the contract's JSON shape."""

from __future__ import annotations

import json

from core.schedules.rotas import BERLIN, at, people
from core.schedules.shown.scene import NAME, WINDOW, a_day, in_turn
from tocsin.core.schedules import NobodyReason, Rendered, Shift, Vacancy, as_document
from tocsin.core.vocabulary import Span


def test_the_document_has_the_shape_of_the_contract() -> None:
    """Instants are UTC with a Z, people are a list, gaps stand beside shifts, and it is plain JSON."""
    document = as_document(NAME, WINDOW, a_day())
    assert json.loads(json.dumps(document)) == {
        "schedule": "data-primary",
        "from": "2026-01-05T00:00:00Z",
        "to": "2026-01-06T00:00:00Z",
        "shifts": [
            {"start": "2026-01-05T08:00:00Z", "end": "2026-01-05T21:00:00Z", "people": ["ada"], "source": "weekly"},
            {"start": "2026-01-05T21:00:00Z", "end": "2026-01-06T00:00:00Z", "people": ["linus"], "source": "nights"},
        ],
        "gaps": [{"start": "2026-01-05T00:00:00Z", "end": "2026-01-05T08:00:00Z"}],
        "vacancies": [{"start": "2026-01-05T00:00:00Z", "end": "2026-01-05T08:00:00Z", "reason": "no_layer"}],
    }


def test_a_gap_with_two_reasons_is_one_gap_and_two_vacancies() -> None:
    """Whoever reads gaps alone sees one stretch; the reasons stand beside it."""
    noon = at("2026-01-05T12:00")
    vacancies = (
        Vacancy(span=Span(WINDOW.start, noon), reason=NobodyReason.EVERYBODY_IS_AWAY),
        Vacancy(span=Span(noon, WINDOW.end), reason=NobodyReason.OVERRIDE_SAYS_NOBODY),
    )
    document = as_document(NAME, WINDOW, Rendered(shifts=(), vacancies=vacancies))
    assert document["gaps"] == [{"start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"}]
    assert [one["reason"] for one in document["vacancies"]] == ["everybody_is_away", "override_says_nobody"]


def test_other_zones_in_are_utc_out() -> None:
    """Whatever zone an instant was told in, the document says it in UTC, with a fraction only where there is one."""
    start = at("2026-01-05T08:00:00.250000").astimezone(BERLIN)
    shift = Shift(span=Span(start, WINDOW.end), people=people("ada"), source="weekly")
    document = as_document(NAME, WINDOW, Rendered(shifts=(shift,), vacancies=()))
    assert document["shifts"][0]["start"] == "2026-01-05T08:00:00.250000Z"


def test_an_empty_window_is_a_document() -> None:
    """Nothing is a list without entries, not a missing field."""
    document = as_document(NAME, Span(WINDOW.start, WINDOW.start), in_turn())
    assert (document["shifts"], document["gaps"], document["vacancies"]) == ([], [], [])
