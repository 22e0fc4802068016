"""Whatever is in a file: it is read, or refused with mistakes. Nothing else ever happens."""

from __future__ import annotations

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from configuration.written import ENVIRONMENT, EVERYTHING, draft
from tocsin.configuration import forms, rota_forms
from tocsin.configuration.building import directory
from tocsin.configuration.documents import KINDS, SETTINGS
from tocsin.configuration.mistakes import BadConfiguration
from tocsin.configuration.reading import Draft
from tocsin.configuration.writing import export
from tocsin.core.insight.coverage import gaps
from tocsin.core.vocabulary import Span, utc

WRITTEN = [form for module in (forms, rota_forms) for form in vars(module).values()]
FIELDS = sorted({field for form in WRITTEN for field in getattr(form, "__struct_encode_fields__", ())})
TOPS = ["tocsin", *(kind.plural for kind in (*KINDS, SETTINGS))]
WORDS = ["ada", "bob", "nobody", "data", "5m", "0s", "1 week", "22:00", "2026-01-05T09:00", "2026-01-05T09:00Z", "UTC"]
WORDS += ["mon 09:00", "fri 17:00", "1 turn", "2 days", "1 month", "DE", "2026-12-24", "active", "union", "primary"]
WORDS += ["admin", "email", "tocsin", "a=b", "a=~(", "severity", "${TOCSIN_KEY}", "${", "https://example.org", "mon"]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=12)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=20,
)
FILES = st.dictionaries(st.sampled_from(TOPS), st.lists(VALUES, max_size=3) | VALUES, max_size=6)

LINES = EVERYTHING.splitlines(keepends=True)


def refused_or_read(*texts: str) -> bool:
    """True when the texts are a configuration, which then can be built, checked and written."""
    try:
        found = draft(*texts, environment={**ENVIRONMENT, "A": "a"})
    except BadConfiguration as bad:
        refusal = bad
    else:
        return good(found)
    assert refusal.mistakes
    assert all(mistake.line >= 1 and mistake.column >= 1 and mistake.message for mistake in refusal.mistakes)
    assert len(str(refusal).splitlines()) == len(refusal.mistakes)
    return False


def good(found: Draft) -> bool:
    """What a draft that is accepted must allow."""
    built = directory(found.documents)
    gaps(built, Span(utc(2026, 3, 1), utc(2026, 3, 15)))
    assert draft(*export(found.documents).values() or ["tocsin: 1"]) == found
    return True


@given(st.text())
@example("&a [*a]")
@example("%YAML 9.9\n---\n")
@example("a: !<tag:yaml.org,2002:python/object/apply:os.system> [x]")
@example("[" * 100_000)
@example("{a: " * 5_000)
@example("? " * 5_000)
@example("- " * 5_000)
@example("tocsin: 1\nusers: " + "9" * 5_000)
def test_any_text(text: str) -> None:
    """Noise is refused with a place."""
    refused_or_read(text)


@given(FILES)
def test_any_yaml(top: dict[str, object]) -> None:
    """Values of any kind under names that we know are refused or read."""
    refused_or_read(yaml.safe_dump({"tocsin": 1, **top}))


@given(st.lists(FILES, max_size=3))
def test_any_files(tops: list[dict[str, object]]) -> None:
    """So are several files together."""
    refused_or_read(*(yaml.safe_dump(top, allow_unicode=True) for top in tops), "tocsin: 1\n")


@given(st.integers(0, len(EVERYTHING)), st.integers(0, 30), st.text(max_size=6) | st.sampled_from(WORDS))
def test_a_slip_of_the_finger(start: int, length: int, instead: str) -> None:
    """A good file in which anything is replaced by anything."""
    refused_or_read(EVERYTHING[:start] + instead + EVERYTHING[start + length :])


@given(st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=4))
def test_lost_lines(lost: list[int]) -> None:
    """A good file that has lost some lines."""
    refused_or_read("".join(line for number, line in enumerate(LINES) if number not in lost))


@given(st.sampled_from(LINES), st.integers(0, len(LINES)))
def test_a_line_in_the_wrong_place(line: str, place: int) -> None:
    """A good file in which a line has been copied elsewhere."""
    refused_or_read("".join((*LINES[:place], line, *LINES[place:])))


def test_the_good_file_is_good() -> None:
    """The file that the others are made of is a configuration, so that they try more than the first line."""
    assert refused_or_read(EVERYTHING)
