"""Addresses as those see them who look on: enough to know which one is meant, not enough to use it."""

from __future__ import annotations

import re
from typing import Any

from tocsin.core.people import Permission
from tocsin.web.sessions import Viewer

_HIDDEN = "…"
_URL = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)(?:[^/\s@]*@)?([^/\s?#]*)(\S*)", re.IGNORECASE)
_EMAIL = re.compile(r"([^\s@<>]{1,2})[^\s@<>]{0,80}@([^\s@<>]+)")
#: Fields of facts that may carry an address, alone or inside a sentence.
_CARRIERS = frozenset({"address", "recipient", "because", "why"})


def may_see_addresses(viewer: Viewer) -> bool:
    """True for those who may have to reach somebody."""
    return viewer.may(Permission.REACH)


def veiled(text: str) -> str:
    """A sentence with the addresses in it veiled."""
    text = _URL.sub(lambda found: f"{found[1]}{found[2]}{f'/{_HIDDEN}' if found[3] else ''}", text)
    return _EMAIL.sub(lambda found: f"{found[1]}{_HIDDEN}@{found[2]}", text)


def veiled_address(address: str) -> str:
    """An address veiled: `ad…@example.org`, `https://chat.example.org/…`, `+49…78`."""
    said = veiled(address)
    if said != address or "://" in address:
        return said
    return _HIDDEN if len(address) < 8 else f"{address[:3]}{_HIDDEN}{address[-2:]}"


def veiled_document(value: Any) -> Any:
    """JSON values with the addresses of people and programs in them veiled."""
    if isinstance(value, list | tuple):
        return [veiled_document(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _veiled_field(name, one) for name, one in value.items()}


def _veiled_field(name: str, value: Any) -> Any:
    if name not in _CARRIERS or not isinstance(value, str):
        return veiled_document(value)
    return veiled_address(value) if name == "address" else veiled(value)
