"""Addresses as people write them: what is wrong with one, told in a plain sentence."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def check_web_address(address: str) -> str | None:
    """What is wrong with an http or https address; None: it can be called."""
    if has_blanks(address):
        return "the address must not contain blanks or line breaks"
    parts = web_address(address)
    if parts is None:
        return "the address cannot be read; it should look like https://example.org/path"
    if parts.scheme not in ("http", "https"):
        return "the address must begin with https:// or http://"
    return None if parts.hostname else "the address names no host"


def web_address(address: str) -> SplitResult | None:
    """The parts of an address; None when it cannot be read, as with a port that is no number."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def has_blanks(text: str) -> bool:
    """True when a text has blanks, line breaks or control characters, which no address has."""
    return any(character.isspace() or not character.isprintable() for character in text)
