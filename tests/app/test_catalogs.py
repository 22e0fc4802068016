"""Catalogs are read once, never fail a reader, and fill every blank."""

from __future__ import annotations

import re

import pytest

from tocsin.app.catalogs import LANGUAGES, LanguageCatalog, LanguageCatalogs, load_catalogs
from tocsin.ports.words import Catalog, Catalogs

CATALOGS = load_catalogs()


class Anything(dict[str, object]):
    """Fills any blank."""

    def __missing__(self, name: str) -> object:
        return name


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("en", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh_CN", "zh"),
        ("zh-Hans-CN", "zh"),
        ("ZH-cn", "zh"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("fr-CH", "en"),
        ("", "en"),
        ("-", "en"),
    ],
)
def test_the_nearest_language_is_found(asked: str, found: str) -> None:
    """A region falls back to its language, and a language that nobody wrote to English."""
    assert CATALOGS.of(asked).language == found


def test_blanks_are_filled() -> None:
    """A text takes its values by name."""
    said = CATALOGS.of("zh").text("page.title.one", severity="严重", summary="x")
    assert said == "严重：x"


@pytest.mark.parametrize(("count", "said"), [(0, "0 alerts"), (1, "1 alert"), (2, "2 alerts"), (41, "41 alerts")])
def test_a_count_chooses_the_plural(count: int, said: str) -> None:
    """English has two forms."""
    assert CATALOGS.of("en").text("page.title.bundle", count=count) == said


def test_chinese_has_one_form() -> None:
    """One form serves every number."""
    said = [CATALOGS.of("zh").text("page.title.bundle", count=count) for count in (1, 2)]
    assert said == ["1 条告警", "2 条告警"]


def test_an_unknown_id_comes_back() -> None:
    """A word that is missing shows its name, and a page goes out."""
    assert CATALOGS.of("en").text("no.such.id", count=3) == "no.such.id"


def test_a_blank_that_nobody_fills_stays() -> None:
    """A value that is missing costs beauty, not the page."""
    assert CATALOGS.of("en").text("page.title.one", summary="x") == "%(severity)s: x"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_filled(language: str) -> None:
    """No text has a percent sign that formatting trips over, and none keeps a blank when all values are there."""
    catalog = CATALOGS.of(language)
    for forms in catalog.forms.values():
        for form in forms:
            assert not re.search(r"%\(", form % Anything()), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_are_whole(language: str) -> None:
    """A text that counts has a form for every plural of its language."""
    catalog = CATALOGS.of(language)
    plurals = {catalog.form_of(count) for count in range(200)}
    assert {len(forms) for forms in catalog.forms.values()} <= {1, len(plurals)}


def test_the_port_is_kept() -> None:
    """What the port promises is what stands here, by the type checker and by its names."""
    catalogs: Catalogs = LanguageCatalogs({"en": LanguageCatalog("en", {"a.b": ("hello",)}, lambda count: 0)})
    catalog: Catalog = catalogs.of("zh")
    assert (catalog.language, catalog.text("a.b")) == ("en", "hello")
