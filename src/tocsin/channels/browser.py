"""The phone of the demo: a page that Tocsin shows itself, in a browser or in a terminal."""

from __future__ import annotations

from tocsin.channels.addresses import has_blanks
from tocsin.core.vocabulary import Urgency
from tocsin.ports.answers import is_success, not_now
from tocsin.ports.channels import Answer, Channel, Memo, Notice, Reached, Settings, Show, Verdict


def compose(notice: Notice, settings: Settings) -> Show:
    """Title and text, and the link to answer with: a terminal has no button."""
    acknowledge = notice.words.get("acknowledge", "acknowledge")
    text = f"{notice.text}\n\n{acknowledge}: {notice.acknowledge_url}"
    return Show(to=notice.address, title=notice.title, text=text)


def tell(memo: Memo, settings: Settings) -> Show:
    """Title and text, and where to read on."""
    text = f"{memo.text}\n\n{memo.words.get('open', 'open')}: {memo.open_url}"
    return Show(to=memo.address, title=memo.title, text=text, rings=memo.urgency is Urgency.HIGH)


def interpret(answer: Answer) -> Verdict:
    """Shown, or not yet."""
    return Reached() if is_success(answer) else not_now(answer)


def check_address(address: str) -> str | None:
    """A phone has a name in one word."""
    if not address or has_blanks(address) or "/" in address:
        return "the phone's name must be one word, such as ada"
    return None


CHANNEL = Channel(
    name="browser",
    compose=compose,
    tell=tell,
    interpret=interpret,
    check_address=check_address,
    address_hint="ada",
    evidence="tried in the demo",
)
