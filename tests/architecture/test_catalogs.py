"""Every word a person reads stands in both message catalogs, with the same blanks to fill, and is in use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

import pytest
from babel.messages.pofile import read_po

from architecture.house import HOUSE, listed

LOCALES = HOUSE / "locale"
LANGUAGES = ("en", "zh")

#: Beginnings of ids whose rest is only known when the code runs: `text(f"reason.{reason}")`. Keep it short and true.
DYNAMIC_PREFIXES: tuple[str, ...] = ("message.",)

#: Where words are asked for.
ASKING = frozenset({".py", ".html", ".txt", ".js"})

#: `text("some.id"` in code, `t('some.id'` in templates, `words["some.id"]` where a catalog's texts travel along.
ASKED = re.compile(r"""\b(?:(?:text|t)\(|words\[)\s*["']([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)["']""")

#: Any quoted string that looks like an id: it may travel as a value before it is asked for.
QUOTED = re.compile(r"""["']([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)["']""")

BLANK = re.compile(r"%\((\w+)\)[sd]")


def mismatches(catalogs: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Ids that one language lacks or leaves empty, and translations that fill other blanks than English does."""
    ids = set().union(*catalogs.values())
    missing = [f"{tongue}: {one} is missing" for tongue, words in catalogs.items() for one in sorted(ids - set(words))]
    empty = [f"{tongue}: {one} is empty" for tongue, words in catalogs.items() for one in words if not words[one]]
    english = catalogs["en"]
    unlike = [
        f"{tongue}: {one} has other blanks than English"
        for tongue, words in catalogs.items()
        for one, said in words.items()
        if one in english and set(BLANK.findall(said)) != set(BLANK.findall(english[one]))
    ]
    return missing + empty + unlike


def unknown(texts: Mapping[str, str], ids: Collection[str]) -> list[str]:
    """Ids that the code asks for and no catalog has."""
    asked = ((place, one) for place, text in texts.items() for one in ASKED.findall(text))
    return [f"{place}: asks for {one}" for place, one in asked if one not in ids]


def unused(texts: Mapping[str, str], ids: Collection[str], prefixes: Collection[str]) -> list[str]:
    """Ids that no code and no template speaks of, by name or by a declared beginning."""
    spoken = {one for text in texts.values() for one in QUOTED.findall(text)}
    return sorted(one for one in ids if one not in spoken and not one.startswith(tuple(prefixes)))


@cache
def catalogs() -> dict[str, dict[str, str]]:
    """What each language says, by id; an uncertain (fuzzy) translation counts as empty."""
    return {tongue: dict(_messages(tongue)) for tongue in LANGUAGES}


@pytest.fixture
def spoken() -> dict[str, dict[str, str]]:
    """The catalogs, once there are any."""
    if not LOCALES.is_dir():
        pytest.skip("no message catalog is written yet")
    return catalogs()


def test_languages_say_the_same(spoken: dict[str, dict[str, str]]) -> None:
    """Both languages have the same ids, none empty, with the same blanks."""
    assert spoken["en"], "the English catalog is empty"
    findings = mismatches(spoken)
    assert not findings, listed(findings)


def test_what_is_asked_for_is_there(spoken: dict[str, dict[str, str]]) -> None:
    """No page shows a bare id."""
    findings = unknown(dict(_texts()), spoken["en"])
    assert not findings, listed(findings)


def test_what_is_there_is_asked_for(spoken: dict[str, dict[str, str]]) -> None:
    """No translator works for nobody, and no declared beginning is stale."""
    findings = unused(dict(_texts()), spoken["en"], DYNAMIC_PREFIXES)
    assert not findings, listed(findings)
    assert not [prefix for prefix in DYNAMIC_PREFIXES if not any(one.startswith(prefix) for one in spoken["en"])]


def test_a_mismatch_is_seen() -> None:
    """A missing id, an empty one and a changed blank are three findings."""
    english = {"a.b": "Hello %(name)s", "a.c": "x", "a.d": "y"}
    assert mismatches({"en": english, "zh": {"a.b": "你好 %(nom)s", "a.c": ""}}) == [
        "zh: a.d is missing",
        "zh: a.c is empty",
        "zh: a.b has other blanks than English",
    ]
    assert not mismatches({"en": english, "zh": {"a.b": "你好 %(name)s", "a.c": "x", "a.d": "y"}})


@pytest.mark.parametrize(
    "text",
    ['text("a.b")', "{{ t('a.b', name=x) }}", 'catalog.text(\n    "a.b",\n)', "{% if t('a.b') %}", 'words["a.b"]'],
)
def test_an_unknown_id_is_seen(text: str) -> None:
    """An id is found in code and in templates; calls that only end alike ask for no words."""
    assert unknown({"x": text}, set())
    assert not unknown({"x": text}, {"a.b"})
    assert not unknown({"x": "set('a.b') + context('a.b') + t('plain')"}, set())


def test_an_unused_id_is_seen() -> None:
    """An id counts as used when it is quoted anywhere, or begins as declared."""
    ids = {"a.b", "a.c", "reason.quiet"}
    assert unused({"x": "label='a.b'"}, ids, ("reason.",)) == ["a.c"]
    assert unused({"x": "label='a.b'"}, ids, ()) == ["a.c", "reason.quiet"]


def _messages(tongue: str) -> Iterator[tuple[str, str]]:
    path = LOCALES / tongue / "LC_MESSAGES" / "tocsin.po"
    assert path.is_file(), f"there is no {tongue} catalog: {path.relative_to(HOUSE)}"
    with path.open("rb") as file:
        for message in read_po(file, locale=tongue, abort_invalid=True):
            if message.id:
                yield _forms(message.id)[0], "" if message.fuzzy else _said(_forms(message.string or ""))


def _forms(words: str | Sequence[str]) -> Sequence[str]:
    return (words,) if isinstance(words, str) else words


def _said(forms: Sequence[str]) -> str:
    """All plural forms one under the other; empty when one of them is."""
    return "\n".join(forms) if all(forms) else ""


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted(HOUSE.rglob("*")):
        if path.suffix in ASKING and path.is_file() and "vendor" not in path.parts:
            yield path.relative_to(HOUSE).as_posix(), path.read_text(encoding="utf-8")
