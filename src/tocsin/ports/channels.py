"""Doors out: what one way to reach a person promises. A channel is pure; the transport opens the sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.core.messages import MessageId
from tocsin.core.paging.attempt import Limits
from tocsin.core.vocabulary import AlertId, DeliveryId, GroupId, Instant, PageId, PersonName, Severity, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One alert in a notice."""

    alert_id: AlertId
    summary: str
    severity: Severity
    service: str | None
    count: int
    #: When it was triggered.
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a delivery says, to one person, about one alert or a bundle of them."""

    delivery_id: DeliveryId
    #: The first page that the delivery serves; a bundle serves several.
    page_id: PageId
    alert_group_id: GroupId
    #: Every alert that is covered, worst first; at least one.
    alerts: tuple[Mention, ...]
    #: None: a program.
    person: PersonName | None
    #: The recipient's address on the channel.
    address: str
    #: The rung of the climb, from 1.
    step: int
    #: The attempt within the page, from 1.
    attempt: int
    #: True when an earlier call for the same may have arrived.
    repeat: bool
    urgency: Urgency
    drill: bool
    #: Opens a page with a button; opening it changes nothing.
    acknowledge_url: str
    open_url: str
    at: Instant
    #: The recipient's language, a catalog that exists.
    language: str
    #: The recipient's zone, by its name in tzdata.
    time_zone: str
    #: The texts in the recipient's language, made by core/paging/wording.
    title: str
    text: str
    #: Labels of buttons and small texts by their id, in the recipient's language.
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """What a message says, to one person: it is about no alert, and nothing rings until it is answered."""

    message_id: MessageId
    #: What the message is, for programs: "reminder".
    kind: str
    #: What the texts speak of, for programs. Instants are RFC 3339 text in UTC.
    values: Mapping[str, str]
    person: PersonName
    #: The recipient's address on the channel.
    address: str
    #: The texts in the recipient's language, made by core/messages/wording.
    title: str
    text: str
    #: The page to read on; opening it changes nothing.
    open_url: str
    #: Low, unless whoever made the message wants it heard at once.
    urgency: Urgency
    #: True when an earlier call for the same may have arrived.
    repeat: bool
    at: Instant
    #: The recipient's language, a catalog that exists.
    language: str
    #: The recipient's zone, by its name in tzdata.
    time_zone: str
    #: Small texts by their id, in the recipient's language.
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """A request that the transport makes."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message that the transport hands to a mail server."""

    to: str
    subject: str
    text: str
    html: str
    #: Names the message at the server, the same for a repeat: `<...@...>`.
    message_id: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A message for a phone that lives in Tocsin's own pages, and in the terminal of the demo."""

    to: str
    title: str
    text: str
    #: False: it lies there until it is looked at.
    rings: bool = True


Call = HttpCall | Mail | Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the provider answered: an HTTP or SMTP status with its text."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The provider did not answer."""

    why: str
    #: True when the call may have arrived all the same: what follows is a repeat.
    may_have_arrived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The provider took it."""

    #: The provider's own name for the message, where it gives one.
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """The provider could not take it; another try may work."""

    why: str
    #: The provider's own wish; None: as the channel's limits say.
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """The provider will not take it, however often it is tried."""

    why: str


Verdict = Reached | NotNow | Never


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a channel: its name in tocsin.toml under [channels.<channel>], and its environment variable."""

    name: str
    label: str
    hint: str = ""
    unit: str = ""
    secret: bool = False
    default: str | int | bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of a channel's settings by name, defaults filled in."""

    values: Mapping[str, str | int | bool | None] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A setting as text; empty when it is not set."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def is_on(self, name: str) -> bool:
        """True when a setting says true, yes, on or 1."""
        return self.text(name).strip().lower() in ("true", "yes", "on", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to reach a person."""

    name: str
    compose: Callable[[Notice, Settings], Call]
    interpret: Callable[[Answer], Verdict]
    #: What is wrong with an address, in one plain sentence; None: it can be used.
    check_address: Callable[[str], str | None]
    #: Makes the call of a message, which is no page. None: messages go by the person's other contacts.
    tell: Callable[[Memo, Settings], Call] | None = None
    #: The setting without which the channel is told no messages. None: it is always told them.
    tells_when: str | None = None
    settings: tuple[Setting, ...] = ()
    limits: Limits = field(default_factory=Limits)
    #: How an address looks: shown where one is asked for.
    address_hint: str = ""
    evidence: str = "documented"
