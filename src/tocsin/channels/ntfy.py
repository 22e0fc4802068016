"""A push message by ntfy, from ntfy.sh or a server of one's own: https://docs.ntfy.sh/publish/#publish-as-json.

The topic is all that a reader needs, so it is chosen like a password. ntfy knows no idempotency key: a repeat
rings again, and says in its title that it is one. Its `sequence_id` would replace the first message, but an
update need not ring, and lost is worse than twice.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from tocsin.channels.addresses import check_web_address
from tocsin.core.vocabulary import Severity, Urgency
from tocsin.core.words import TITLE_LENGTH, one_line
from tocsin.ports.answers import is_passing, is_success, not_now, told
from tocsin.ports.channels import Answer, Channel, HttpCall, Memo, Never, Notice, Reached, Setting, Settings, Verdict

_DEFAULT_SERVER = "https://ntfy.sh"

#: As the server's own `topicRegex` has it.
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")

#: The server takes 4,096 bytes, but Apple drops a push above 4 KB without a word, titles and links included:
#: https://github.com/binwiederhier/ntfy/pull/152
_MESSAGE_BYTES = 1200

#: Names of emoji, shown before the title: https://docs.ntfy.sh/emojis/
_EMOJI = {
    Severity.CRITICAL: "rotating_light",
    Severity.ERROR: "red_circle",
    Severity.WARNING: "warning",
    Severity.INFO: "information_source",
}


class _View(msgspec.Struct, frozen=True, kw_only=True):
    """A button that opens an address."""

    action: str = "view"
    label: str
    url: str


class _Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is published."""

    topic: str
    title: str
    message: str
    priority: int
    tags: tuple[str, ...]
    click: str
    actions: tuple[_View, ...]


class _Published(msgspec.Struct, frozen=True):
    """As much of the server's answer as counts."""

    id: str


def compose(notice: Notice, settings: Settings) -> HttpCall:
    """Publish to the server's root; the topic stands in the body."""
    server, topic = _place(notice.address, settings)
    return _publish(_message(notice, topic), server, settings)


def tell(memo: Memo, settings: Settings) -> HttpCall:
    """Publish a message, without a sound unless it is urgent."""
    server, topic = _place(memo.address, settings)
    return _publish(_quiet_message(memo, topic), server, settings)


def _publish(message: _Message, server: str, settings: Settings) -> HttpCall:
    headers = [("Content-Type", "application/json")]
    # A person writes the address: the token is shown to the server that it belongs to, and to no other.
    if (token := settings.text("token")) and server == _server(settings):
        headers.append(("Authorization", f"Bearer {token}"))
    return HttpCall(method="POST", url=f"{server}/", headers=tuple(headers), body=msgspec.json.encode(message))


def interpret(answer: Answer) -> Verdict:
    """The message's id when it is published; a limit or a failing server may pass, a refusal does not."""
    if is_success(answer):
        return Reached(reference=_id_in(answer.text))
    if is_passing(answer) or answer.status < 400:
        return not_now(answer)
    return Never(why=told(answer))


def check_address(address: str) -> str | None:
    """A topic alone, or the address of a topic."""
    if _TOPIC.fullmatch(address):
        return None
    if "/" in address and (wrong := check_web_address(address)) is not None:
        return wrong
    parts = urlsplit(address)
    if not parts.netloc or parts.query or parts.fragment or not _TOPIC.fullmatch(parts.path.rpartition("/")[2]):
        return "the topic must be up to 64 letters, digits, hyphens and underscores, as in https://ntfy.sh/my-topic"
    return None


def _place(address: str, settings: Settings) -> tuple[str, str]:
    """Server and topic; a topic alone is on the server of the settings."""
    server, _, topic = address.rpartition("/")
    return server or _server(settings), topic


def _server(settings: Settings) -> str:
    return (settings.text("server") or _DEFAULT_SERVER).rstrip("/")


def _message(notice: Notice, topic: str) -> _Message:
    return _Message(
        topic=topic,
        title=one_line(notice.title, TITLE_LENGTH),
        message=_shortened(notice.text, _MESSAGE_BYTES),
        priority=_priority(notice),
        tags=(_EMOJI[notice.alerts[0].severity], *(("drill",) if notice.drill else ())),
        click=notice.open_url,
        actions=_buttons(notice),
    )


def _quiet_message(memo: Memo, topic: str) -> _Message:
    """2 neither rings nor vibrates; 4 rings, for what somebody wants heard at once."""
    return _Message(
        topic=topic,
        title=one_line(memo.title, TITLE_LENGTH),
        message=_shortened(memo.text, _MESSAGE_BYTES),
        priority=4 if memo.urgency is Urgency.HIGH else 2,
        tags=("speech_balloon",),
        click=memo.open_url,
        actions=(_View(label=memo.words.get("open", "open"), url=memo.open_url),),
    )


def _buttons(notice: Notice) -> tuple[_View, ...]:
    """Only buttons that open a page. An `http` action would answer without one, but the topic hands it to every
    subscriber, and whoever touches a lock screen by accident would have taken the alert.
    """
    return (
        _View(label=notice.words.get("acknowledge", "acknowledge"), url=notice.acknowledge_url),
        _View(label=notice.words.get("open", "open"), url=notice.open_url),
    )


def _priority(notice: Notice) -> int:
    """5 rings until it is seen, 4 rings, 3 is shown with the phone's usual sound."""
    if notice.urgency is Urgency.LOW:
        return 3
    return 5 if notice.alerts[0].severity in (Severity.CRITICAL, Severity.ERROR) else 4


def _shortened(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, cut between characters."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    return f"{raw[: most - len('…'.encode())].decode(errors='ignore').rstrip()}…"


def _id_in(text: str) -> str | None:
    try:
        return msgspec.json.decode(text, type=_Published).id
    except msgspec.MsgspecError:
        return None


CHANNEL = Channel(
    name="ntfy",
    compose=compose,
    tell=tell,
    interpret=interpret,
    check_address=check_address,
    settings=(
        Setting(
            name="server",
            label="Server",
            hint="Where topics are that are written without an address.",
            default=_DEFAULT_SERVER,
        ),
        Setting(
            name="token",
            label="Access token",
            hint="For protected topics; shown to the server above alone.",
            secret=True,
        ),
    ),
    address_hint="https://ntfy.example.org/my-topic",
)
