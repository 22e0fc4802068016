"""A page by mail: plain text and HTML, to be answered with one thumb. A message has nothing to press but a link."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr

from tocsin.channels.addresses import has_blanks
from tocsin.channels.letter import letter, short_letter
from tocsin.core.paging.attempt import Limits
from tocsin.core.vocabulary import Urgency
from tocsin.core.words import TITLE_LENGTH, one_line
from tocsin.ports.answers import is_success, told
from tocsin.ports.channels import (
    Answer,
    Channel,
    Mail,
    Memo,
    Never,
    Notice,
    NotNow,
    Reached,
    Setting,
    Settings,
    Verdict,
)

#: RFC 5321, 4.5.3.1: the longest local part, the longest path.
_LOCAL_LENGTH = 64
_ADDRESS_LENGTH = 254

#: "250 2.0.0 Ok: queued as 4XyZ" (Postfix), "250 OK id=1tAbC-000" (Exim).
_QUEUED = re.compile(r"(?:queued as |\bid=)([\w.-]+)")

_PERMANENT = range(500, 600)

#: No robot answers. Exchange sends no absence note to a mail that has the second.
_MADE_BY_A_PROGRAM = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"))


def compose(notice: Notice, settings: Settings) -> Mail:
    """A mail that a phone shows, that no robot answers, and that a mail server knows again when it is repeated."""
    return Mail(
        to=one_line(notice.address, _ADDRESS_LENGTH),
        subject=one_line(notice.title, TITLE_LENGTH),
        text=_plain(notice),
        html=letter(notice),
        message_id=f"<{notice.delivery_id}@{_domain(settings)}>",
        headers=(*_MADE_BY_A_PROGRAM, ("X-Tocsin-Delivery", notice.delivery_id), *_importance(notice.urgency)),
    )


def tell(memo: Memo, settings: Settings) -> Mail:
    """A mail that asks for nothing: its title, its text, and where to read on."""
    return Mail(
        to=one_line(memo.address, _ADDRESS_LENGTH),
        subject=one_line(memo.title, TITLE_LENGTH),
        text=_plain_memo(memo),
        html=short_letter(memo),
        message_id=f"<{memo.message_id}@{_domain(settings)}>",
        headers=(*_MADE_BY_A_PROGRAM, ("X-Tocsin-Message", memo.message_id), *_importance(memo.urgency)),
    )


def interpret(answer: Answer) -> Verdict:
    """By the reply code of the mail server: 2xx took it, 5xx never will."""
    if is_success(answer):
        found = _QUEUED.search(answer.text)
        return Reached(reference=found[1] if found else None)
    return Never(why=told(answer)) if answer.status in _PERMANENT else NotNow(why=told(answer))


def check_address(address: str) -> str | None:
    """What is wrong with a mail address as a plain sentence; whether it exists, only a mail shows."""
    local, at, domain = address.rpartition("@")
    if has_blanks(address) or not at or not local or not domain:
        return "a mail address looks like ada@example.org"
    if any(character in '<>()[],;:\\"@' for character in local + domain):
        return "write the bare address, without a name and without brackets"
    if len(local) > _LOCAL_LENGTH or len(address) > _ADDRESS_LENGTH:
        return "the address is too long for a mail server"
    if not all(domain.split(".")) or not all(local.split(".")):
        return "there is a dot too many in the address"
    return None


def _plain(notice: Notice) -> str:
    """What a mail program without HTML shows: the same, with the addresses written out."""
    words = notice.words
    origin = " · ".join(("Tocsin", *(words[name] for name in ("step", "sent") if name in words)))
    foot = "\n".join(("-- ", *((words["why"],) if "why" in words else ()), origin))
    links = (
        f"{words.get('acknowledge', 'acknowledge')}: {notice.acknowledge_url}",
        *((words["hint"],) if "hint" in words else ()),
        f"{words.get('open', 'open')}: {notice.open_url}",
    )
    return "\n\n".join((notice.title, notice.text, "\n".join(links), foot)) + "\n"


def _domain(settings: Settings) -> str:
    """The sender's domain, for the message's name; ours when none is set."""
    _, address = parseaddr(settings.text("from"))
    return address.rpartition("@")[2] or "tocsin"


def _plain_memo(memo: Memo) -> str:
    link = f"{memo.words.get('open', 'open')}: {memo.open_url}"
    foot = "\n".join(("-- ", *((memo.words["why"],) if "why" in memo.words else ()), "Tocsin"))
    return f"{memo.title}\n\n{memo.text}\n\n{link}\n\n{foot}\n"


def _importance(urgency: Urgency) -> tuple[tuple[str, str], ...]:
    return (("Importance", "high"), ("X-Priority", "1")) if urgency is Urgency.HIGH else ()


CHANNEL = Channel(
    name="email",
    compose=compose,
    tell=tell,
    interpret=interpret,
    check_address=check_address,
    settings=(
        Setting(name="host", label="Mail server", hint="The server that takes outgoing mail: smtp.example.org."),
        Setting(name="port", label="Port", hint="587 for STARTTLS, 465 for implicit TLS.", default=587),
        Setting(name="user", label="User", hint="Empty: the server asks for no name."),
        Setting(name="password", label="Password", secret=True),
        Setting(name="tls", label="Encryption", hint="starttls, implicit or none.", default="starttls"),
        Setting(name="from", label="Sender", hint="As people see it: Tocsin <pager@example.org>."),
        Setting(name="timeout_seconds", label="Patience", hint="For the whole conversation.", unit="s", default=20),
    ),
    # Greylisting servers refuse the first try and take one some minutes later.
    limits=Limits(tries=5, first_wait=timedelta(seconds=15)),
    address_hint="ada@example.org",
)
