"""Texts in a reader's language."""

from __future__ import annotations

from typing import Protocol


class Catalog(Protocol):
    """One language's texts."""

    @property
    def language(self) -> str:
        """The BCP 47 tag: "en", "zh"."""
        ...

    def text(self, message_id: str, **values: object) -> str:
        """The text of an id with `%(name)s` filled in. With `count` among the values the plural form follows it.

        An id that no catalog has comes back as it is, and a test sees to it that there is none.
        """
        ...


class Catalogs(Protocol):
    """All languages that there are."""

    def of(self, language: str) -> Catalog:
        """The catalog of a language, or of the nearest one that there is."""
        ...
