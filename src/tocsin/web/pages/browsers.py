"""What a browser says that it is, as short as a person would say it."""

from __future__ import annotations

from dataclasses import dataclass

#: The first that is found counts: nearly all of them claim to be others as well.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A browser and what it runs on; empty: not known."""

    browser: str
    system: str


def browser_of(agent: str) -> Seen:
    """The browser of a `User-Agent` header."""
    return Seen(browser=_first(agent, _BROWSERS), system=_first(agent, _SYSTEMS))


def _first(agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in agent), "")
