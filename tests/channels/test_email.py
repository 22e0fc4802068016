"""A mail hides nothing from the person who reads it, and obeys no stranger whose words it carries."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from channels.memos import memo
from channels.notices import CATALOGS, mention, notice
from tocsin.channels.email import compose, tell
from tocsin.core.vocabulary import Urgency
from tocsin.ports.channels import Mail, Settings

SETTINGS = Settings(values={"from": "Tocsin <pager@example.org>"})
HOSTILE = "<script>alert(1)</script>\r\nBcc: everybody@example.org\n\n<img src=x onerror=alert(1)>\x00\u202e\ud800"


class Outline(HTMLParser):
    """The tags of a letter, its links and its visible words, as a mail program parses them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, and where it leads or what it loads."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background")]

    def handle_data(self, data: str) -> None:
        """Gather what can be read."""
        self.words += data


def as_message(mail: Mail) -> EmailMessage:
    """The mail as the standard library builds it, which refuses headers with line breaks."""
    message = EmailMessage()
    message["To"], message["Subject"], message["Message-ID"] = mail.to, mail.subject, mail.message_id
    for name, value in mail.headers:
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def test_a_summary_cannot_add_a_header() -> None:
    """A line break in a summary ends up as a blank in the subject."""
    message = as_message(compose(notice(mention(summary=HOSTILE)), SETTINGS))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Critical: <script>alert(1)</script> Bcc: everybody@example.org")
    assert message.as_bytes()


@pytest.mark.parametrize("alerts", [1, 3])
def test_a_summary_cannot_add_a_tag(alerts: int) -> None:
    """A hostile summary is shown, and run by nobody."""
    outline = Outline(compose(notice(*(mention(i, summary=HOSTILE) for i in range(alerts))), SETTINGS).html)
    assert not {"script", "img", "iframe", "form"} & set(outline.tags)
    assert "<script>alert(1)</script>" in outline.words


def test_a_title_cannot_break_the_plain_text() -> None:
    """What stands above the text is one line, even when a title comes from elsewhere."""
    assert "\n" not in compose(notice(mention(summary=HOSTILE)), SETTINGS).text.partition("\n\n")[0]


def test_a_letter_loads_nothing() -> None:
    """No picture tells anybody that the mail was read; the only addresses are the answer and the story."""
    page = notice(mention(1), mention(2))
    outline = Outline(compose(page, SETTINGS).html)
    assert outline.links == [page.acknowledge_url, page.open_url]
    assert "url(" not in compose(page, SETTINGS).html


def test_both_links_stand_in_the_plain_text() -> None:
    """Who reads without HTML can answer just as well."""
    page = notice()
    text = compose(page, SETTINGS).text
    assert page.acknowledge_url in text
    assert page.open_url in text


def test_the_button_is_big_enough_for_a_thumb() -> None:
    """44 pixels at least, for button and link: line and padding together."""
    html = compose(notice(), SETTINGS).html
    for anchor in re.findall(r"<a [^>]*>", html):
        padding = re.search(r"padding: (\d+)px", anchor)
        line = re.search(r"line-height: (\d+)px", anchor)
        assert padding, anchor
        assert line, anchor
        assert 2 * int(padding[1]) + int(line[1]) >= 44


def test_a_repeat_is_marked_and_keeps_its_name() -> None:
    """The subject says so, and a server that knows the first by its Message-ID may leave the second."""
    first, again = compose(notice(), SETTINGS), compose(notice(repeat=True), SETTINGS)
    assert again.subject == f"Sent again · {first.subject}"
    assert again.message_id == first.message_id == "<delivery-1@example.org>"
    assert "we do not know whether the first one reached you" in again.html


def test_only_what_is_urgent_is_important() -> None:
    """A mail that may wait does not call itself important."""
    urgent = dict(compose(notice(), SETTINGS).headers)
    patient = dict(compose(notice(urgency=Urgency.LOW), SETTINGS).headers)
    assert (urgent["Importance"], urgent["X-Priority"]) == ("high", "1")
    assert not {"Importance", "X-Priority"} & set(patient)


def test_no_robot_answers() -> None:
    """Absence notes stay away."""
    assert dict(compose(notice(), SETTINGS).headers)["Auto-Submitted"] == "auto-generated"


def test_a_sender_without_a_domain_still_names_its_mails() -> None:
    """The Message-ID is whole before anybody has set a sender."""
    assert compose(notice(), Settings()).message_id == "<delivery-1@tocsin>"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("alerts", "drill", "repeat"), [*itertools.product([1, 2, 41], [False, True], [False, True])])
def test_every_word_is_there(language: str, alerts: int, drill: bool, repeat: bool) -> None:
    """No letter shows the name of a word instead of the word, whatever kind of page it is."""
    page = notice(*(mention(i) for i in range(alerts)), language=language, drill=drill, repeat=repeat)
    html = compose(page, SETTINGS).html
    texts = CATALOGS.of(language)
    assert texts.text("page.button.acknowledge") in html
    assert (texts.text("page.drill.text") in html) is drill
    assert (texts.text("page.again.text") in html) is repeat
    assert f'lang="{language}"' in html
    assert not re.search(r">\s*(?:acknowledge|hint|open|about|advice|why|step|sent|severity\.\w+)\s*<", html)


def test_a_page_without_words_is_still_a_page() -> None:
    """Words that are missing cost beauty, not the mail."""
    page = notice()
    mail = compose(replace(page, words={}), SETTINGS)
    assert page.acknowledge_url in mail.html
    assert page.acknowledge_url in mail.text
    assert mail.subject == page.title


def test_a_message_is_a_letter_without_a_button() -> None:
    """A memo has one link, loads nothing, and is not important unless it is urgent."""
    mail = tell(memo(), SETTINGS)
    assert Outline(mail.html).links == [memo().open_url]
    assert "button" not in re.sub(r"<style>.*</style>", "", mail.html, flags=re.DOTALL)
    assert not {"Importance", "X-Priority"} & set(dict(mail.headers))
    assert dict(tell(memo(urgency=Urgency.HIGH), SETTINGS).headers)["Importance"] == "high"


def test_a_hostile_message_is_only_read() -> None:
    """What came from a provider can add no header and no tag to the letter of a memo."""
    hostile = memo(kind="sync_failed", values={"sync": HOSTILE, "error": HOSTILE}, repeat=True)
    mail = tell(hostile, SETTINGS)
    assert as_message(mail)["Bcc"] is None
    assert not {"script", "img", "iframe", "form"} & set(Outline(mail.html).tags)
    assert "<script>alert(1)</script>" in Outline(mail.html).words


def test_a_memo_without_words_is_still_a_memo() -> None:
    """Words that are missing cost beauty, not the mail."""
    mail = tell(replace(memo(), words={}), SETTINGS)
    assert memo().open_url in mail.html
    assert memo().open_url in mail.text
    assert mail.subject == memo().title
