"""The message catalogs of the package, read once at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gettext import c2py
from importlib.resources import files

from babel.messages.catalog import Catalog as Translations
from babel.messages.pofile import read_po

#: Every language that has a catalog; the first speaks for all others.
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class LanguageCatalog:
    """One language's texts; see `tocsin.ports.words.Catalog`."""

    #: The BCP 47 tag: "en", "zh".
    language: str
    #: By id, the forms of each text: one, or as many as the language has plurals.
    forms: Mapping[str, tuple[str, ...]]
    #: Which form a number takes.
    form_of: Callable[[int], int]

    def text(self, message_id: str, **values: object) -> str:
        """The text of an id with its blanks filled in; `count` among the values chooses the plural."""
        forms = self.forms.get(message_id)
        if forms is None:
            return message_id
        count = values.get("count")
        form = self.form_of(abs(count)) if isinstance(count, int) and len(forms) > 1 else 0
        return forms[form] % _Blanks(values)


@dataclass(frozen=True, slots=True)
class LanguageCatalogs:
    """All languages that there are; see `tocsin.ports.words.Catalogs`."""

    by_language: Mapping[str, LanguageCatalog]

    def of(self, language: str) -> LanguageCatalog:
        """The catalog of a language: "zh-Hans-CN" finds "zh", a language that nobody wrote finds English."""
        tag = language.replace("_", "-").lower()
        while tag not in self.by_language and "-" in tag:
            tag = tag.rpartition("-")[0]
        return self.by_language.get(tag, self.by_language[LANGUAGES[0]])


class _Blanks(dict[str, object]):
    """A blank that nobody filled stays visible: a page with a flaw is better than no page."""

    def __missing__(self, name: str) -> str:
        return f"%({name})s"


def load_catalogs() -> LanguageCatalogs:
    """Every catalog of the package. Reading takes some milliseconds; looking up takes none."""
    return LanguageCatalogs({language: _read(language) for language in LANGUAGES})


def _read(language: str) -> LanguageCatalog:
    source = files("tocsin") / "locale" / language / "LC_MESSAGES" / "tocsin.po"
    with source.open("rb") as file:
        translations = read_po(file, locale=language, abort_invalid=True)
    return LanguageCatalog(language=language, forms=dict(_forms(translations)), form_of=c2py(translations.plural_expr))


def _forms(translations: Translations) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (_id(message.id), (message.string,) if isinstance(message.string, str) else tuple(message.string))
        for message in translations
        if message.id and message.string and not message.fuzzy
    ]


def _id(message_id: str | list[str] | tuple[str, ...]) -> str:
    """A plural entry is known by its singular."""
    return message_id if isinstance(message_id, str) else message_id[0]
