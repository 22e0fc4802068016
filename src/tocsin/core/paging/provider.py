"""Whether a provider can be used just now: what is known of it from the calls before.

A provider is a channel with a host: several failures in a row within a short time, and it is failing. It is tried again
now and then, and always where it is the only way left; one success and it works again. One that nobody has tried for
a while is given a fair try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from tocsin.core.vocabulary import Instant

#: So many failures in a row, none longer after the first than this, and a provider is failing.
IN_A_ROW = 3
WITHIN = timedelta(minutes=5)
#: While it is failing it is tried so often, by pages that have tried it before.
TRIED_EVERY = timedelta(seconds=15)
#: When nobody has tried it for so long nothing is known of it: the next page tries it as ever.
LAPSES = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Whoever takes the calls of a channel."""

    channel: str
    #: The host behind the address; empty: the channel's own server.
    host: str = ""

    @property
    def shown(self) -> str:
        """As people call it: "email", "webhook hooks.example.org"."""
        return f"{self.channel} {self.host}".rstrip()


def provider_of(channel: str, address: str) -> Provider:
    """Who takes what is sent to an address. An address that is none of the web's is reached by the channel's server."""
    if not address.lower().startswith(("http://", "https://")):
        return Provider(channel=channel)
    try:
        return Provider(channel=channel, host=urlsplit(address).netloc.rpartition("@")[2].lower())
    except ValueError:
        return Provider(channel=channel, host=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of one provider."""

    #: Failures in a row, and when the first of them was.
    failures: int = 0
    failed_at: Instant | None = None
    #: When it was called last.
    tried_at: Instant
    #: None: it works, as far as is known.
    failing_since: Instant | None = None
    why: str = ""

    def is_failing(self, now: Instant) -> bool:
        """True while it is known to fail, and was tried of late."""
        return self.failing_since is not None and now - self.tried_at < LAPSES


def called(known: Record | None, at: Instant) -> Record:
    """A call to it begins."""
    return Record(tried_at=at) if known is None else replace(known, tried_at=max(at, known.tried_at))


def succeeded(at: Instant) -> Record:
    """It took a call."""
    return Record(tried_at=at)


def failed(known: Record | None, at: Instant, why: str) -> Record:
    """It did not take a call, or did not answer."""
    before = known or Record(tried_at=at)
    in_a_row = before.failed_at is not None and (before.failing_since is not None or at - before.failed_at <= WITHIN)
    failures = before.failures + 1 if in_a_row else 1
    failed_at = before.failed_at if in_a_row and before.failed_at is not None else at
    failing_since = before.failing_since or (failed_at if failures >= IN_A_ROW else None)
    return Record(
        failures=failures,
        failed_at=failed_at,
        tried_at=max(at, before.tried_at),
        failing_since=failing_since,
        why=why[:200],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """What a node knows of providers at one moment. None is known: all work."""

    records: Mapping[Provider, Record] = field(default_factory=lambda: MappingProxyType({}))

    def failing(self, channel: str, address: str, now: Instant) -> Record | None:
        """The record of a provider that is failing; None: it can be used."""
        if not self.records:
            return None
        record = self.records.get(provider_of(channel, address))
        return record if record is not None and record.is_failing(now) else None


ALL_WELL = Providers()
