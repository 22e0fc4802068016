"""What this node knows of providers, out of its own calls: which of them fail, since when, and whom that concerns.

Each node learns for itself: three calls are enough, and what is wrong between one node and a provider need not be wrong
between another and it. Instants are the store's, as deliveries carry them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType

import structlog

from tocsin.core.directory import Directory
from tocsin.core.paging.provider import ALL_WELL, Provider, Providers, Record, called, failed, provider_of, succeeded
from tocsin.core.people import Contact, Person
from tocsin.core.vocabulary import Instant
from tocsin.core.watch import FailingProvider

log = structlog.get_logger()

#: What nobody has tried for so long is forgotten: it may have been mended since, or be gone for good.
FORGOTTEN = timedelta(hours=1)


class KnownProviders:
    """One node's knowledge of providers."""

    def __init__(self) -> None:
        self._records: dict[Provider, Record] = {}
        self._heard_of: dict[Provider, float] = {}
        self._present: Providers | None = ALL_WELL

    def present(self) -> Providers:
        """What is known now, as a value: of providers that work nothing need be known."""
        if self._present is None:
            records = {one: record for one, record in self._records.items() if record.failing_since is not None}
            self._present = Providers(records=MappingProxyType(records)) if records else ALL_WELL
        return self._present

    def began(self, channel: str, address: str, at: Instant) -> None:
        """A call begins."""
        provider = provider_of(channel, address)
        self._keep(provider, called(self._records.get(provider), at))

    def took(self, channel: str, address: str, at: Instant) -> None:
        """A provider took a call, or said for good reason that it never will: it works."""
        provider = provider_of(channel, address)
        known = self._records.get(provider)
        if known is not None and known.failing_since is not None:
            log.warning(
                "a provider works again", provider=provider.shown, failing_since=known.failing_since.isoformat()
            )
        self._keep(provider, succeeded(at))

    def failed(self, channel: str, address: str, at: Instant, why: str) -> None:
        """A provider could not take a call, or did not answer."""
        provider = provider_of(channel, address)
        known = self._records.get(provider)
        record = failed(known, at, why)
        if record.failing_since is not None and (known is None or known.failing_since is None):
            log.error("a provider is failing: next contacts come at once", provider=provider.shown, why=why)
        self._keep(provider, record)

    def has_failed(self, contact: Contact) -> bool:
        """True when the provider of a contact failed when it was last used."""
        record = self._records.get(provider_of(contact.channel, contact.address))
        return record is not None and record.failures > 0

    def failing(self, directory: Directory) -> tuple[FailingProvider, ...]:
        """The providers that fail, and whom they leave without another way."""
        self._forget()
        failing = {one for one, record in self._records.items() if record.failing_since is not None}
        if not failing:
            return ()
        people = [(person, {_of(contact) for contact in person.contacts}) for person in directory.people.values()]
        return tuple(_told(one, self._records[one], people, failing) for one in sorted(failing, key=lambda p: p.shown))

    def _keep(self, provider: Provider, record: Record) -> None:
        known = self._records.get(provider)
        self._records[provider] = record
        self._heard_of[provider] = asyncio.get_running_loop().time()
        if record.failing_since is not None or (known is not None and known.failing_since is not None):
            self._present = None

    def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        old = [one for one, heard in self._heard_of.items() if now - heard > FORGOTTEN.total_seconds()]
        for one in old:
            del self._records[one], self._heard_of[one]
            self._present = None


def _of(contact: Contact) -> Provider:
    return provider_of(contact.channel, contact.address)


def _told(
    provider: Provider, record: Record, people: Iterable[tuple[Person, set[Provider]]], failing: set[Provider]
) -> FailingProvider:
    reached = [(person, ways) for person, ways in people if provider in ways]
    return FailingProvider(
        channel=provider.channel,
        host=provider.host,
        since=record.failing_since or record.tried_at,
        why=record.why,
        people=len(reached),
        cut_off=tuple(person.name for person, ways in reached if ways <= failing),
    )
