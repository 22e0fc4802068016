"""What a delivery says: the alerts it covers, in the words, language and zone of whoever it goes to."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from tocsin.core.directory import Directory
from tocsin.core.paging.wording import Mentioned, Occasion, word
from tocsin.core.people import Person
from tocsin.engine.links import AnswerLink, Links
from tocsin.ports import channels
from tocsin.ports.channels import Notice
from tocsin.ports.state import Claimed, Mention
from tocsin.ports.words import Catalogs


class Notices:
    """Makes notices out of claimed deliveries."""

    def __init__(self, directory: Callable[[], Directory], links: Links, catalogs: Catalogs) -> None:
        self._directory = directory
        self._links = links
        self._catalogs = catalogs

    def notice(self, claimed: Claimed) -> Notice:
        """The notice of a delivery that covers at least one alert."""
        delivery, first = claimed.delivery, claimed.delivery.items[0]
        person = self._person(claimed)
        language = person.language if person is not None else "en"
        zone = person.time_zone if person is not None else ZoneInfo("UTC")
        occasion = _occasion(claimed)
        wording = word(occasion, texts=self._catalogs.of(language), zone=zone, now=claimed.claimed_at)
        recipient = delivery.person or delivery.address
        return Notice(
            delivery_id=delivery.id,
            page_id=first.page_id,
            alert_group_id=first.group_id,
            alerts=tuple(_mention(mention) for mention in claimed.mentions),
            person=delivery.person,
            address=delivery.address,
            step=first.rung,
            attempt=first.attempt,
            repeat=delivery.repeat,
            urgency=delivery.urgency,
            drill=occasion.drill,
            acknowledge_url=self._links.answer_url(AnswerLink(delivery_id=delivery.id, recipient=recipient)),
            open_url=f"{self._links.public_url}/alerts/{claimed.mentions[0].alert_id}",
            at=claimed.claimed_at,
            language=language,
            time_zone=zone.key,
            title=wording.title,
            text=wording.text,
            words=wording.words,
        )

    def _person(self, claimed: Claimed) -> Person | None:
        person = claimed.delivery.person
        return self._directory().people.get(person) if person is not None else None


def _occasion(claimed: Claimed) -> Occasion:
    delivery = claimed.delivery
    return Occasion(
        alerts=tuple(
            Mentioned(
                summary=mention.summary,
                severity=mention.severity,
                service=mention.service,
                count=mention.count,
                since=mention.since,
            )
            for mention in claimed.mentions
        ),
        urgency=delivery.urgency,
        step=delivery.items[0].rung,
        repeat=delivery.repeat,
        drill=all(mention.drill for mention in claimed.mentions),
        because=delivery.items[0].because,
        further=delivery.gathers,
    )


def _mention(mention: Mention) -> channels.Mention:
    return channels.Mention(
        alert_id=mention.alert_id,
        summary=mention.summary,
        severity=mention.severity,
        service=mention.service,
        count=mention.count,
        since=mention.since,
    )
