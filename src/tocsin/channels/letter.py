"""How a page looks as an HTML mail: one thing to read, one button to press, calm in a dark room.

A message has no button: nothing waits for an answer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tocsin.channels.stationery import on_paper
from tocsin.core.paging.wording import NAMED_AT_MOST, SUMMARY_LENGTH
from tocsin.core.vocabulary import Severity, Urgency
from tocsin.core.words import TITLE_LENGTH, one_line
from tocsin.ports.channels import Memo, Notice

#: Severity is shape and word first. None of these has a coloured emoji twin that a phone would show instead.
_SHAPES = {Severity.CRITICAL: "◆", Severity.ERROR: "▲", Severity.WARNING: "△", Severity.INFO: "○"}

_LETTER = on_paper("""\
{% block card %}
{% if words.drill %}
<tr><td class="drill inner" style="{{ style.drill }}">{{ words.drill }}</td></tr>
{% endif %}
{% if words.again %}
<tr><td class="again ink line inner" style="{{ style.again }}">{{ words.again }}</td></tr>
{% endif %}
<tr><td class="inner" style="padding: 22px 24px 0">
<p class="{{ tone }}" style="{{ style['severity_' ~ urgency] }}">
{%- for severity in severities %}{{ severity.shape }}&nbsp;{{ severity.word }}
{%- if severity.count %}&nbsp;{{ severity.count }}{% endif %}{% if not loop.last %} &nbsp; {% endif %}{% endfor -%}
</p>
<h1 class="ink" style="{{ style.headline }}">{{ words.headline }}</h1>
<p class="quiet" style="{{ style.about }}">{{ words.about }}</p>
<p class="ink" style="{{ style.advice }}">{{ words.advice }}</p>
</td></tr>
<tr><td class="inner" style="padding: 16px 24px 0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="button" align="center" bgcolor="#1b1f29" style="{{ style.button }}">
<a class="press" href="{{ acknowledge_url }}" style="{{ style.press }}">{{ words.acknowledge }}</a>
</td></tr>
</table>
<p class="quiet" style="{{ style.hint }}">{{ words.hint }}</p>
</td></tr>
{% if rows %}
<tr><td class="inner" style="padding: 20px 24px 0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
{% for row in rows %}
<tr>
<td class="{{ tone }} line" width="16" valign="top" style="{{ style['shape_' ~ urgency] }}">{{ row.shape }}</td>
<td class="line" valign="top" style="{{ style.row }}">
<p class="ink" style="{{ style.summary }}">{{ row.summary }}</p>
<p class="quiet" style="{{ style.detail }}">{{ row.word }} · {{ row.about }}</p>
</td>
</tr>
{% endfor %}
{% if words.more %}
<tr><td class="line" style="{{ style.row }}"></td><td class="line" style="{{ style.row }}">
<p class="quiet" style="{{ style.detail }}">{{ words.more }}</p>
</td></tr>
{% endif %}
</table>
</td></tr>
{% endif %}
<tr><td class="inner" align="center" style="padding: 8px 24px 12px">
<a class="ink" href="{{ open_url }}" style="{{ style.open }}">{{ words.open }}</a>
</td></tr>
{% endblock %}
{% block foot %}
{{ words.why }}<br>Tocsin · {{ words.step }} · {{ words.sent }}
{% endblock %}
""")

_SHORT_LETTER = on_paper("""\
{% block card %}
{% if again %}
<tr><td class="again ink line inner" style="{{ style.again }}">{{ again }}</td></tr>
{% endif %}
<tr><td class="inner" style="padding: 22px 24px 0">
<h1 class="ink" style="{{ style.headline }}">{{ headline }}</h1>
{% for paragraph in paragraphs %}
<p class="ink" style="{{ style.advice }}; {{ style.wrap }}">
{%- for line in paragraph %}{{ line }}{% if not loop.last %}<br>{% endif %}{% endfor -%}
</p>
{% endfor %}
</td></tr>
<tr><td class="inner" align="center" style="padding: 16px 24px 12px">
<a class="ink" href="{{ open_url }}" style="{{ style.open }}">{{ open }}</a>
</td></tr>
{% endblock %}
{% block foot %}
{{ why }}<br>Tocsin
{% endblock %}
""")

#: What the template cannot do without. A word that nobody brought shows its name: a flawed page is still a page.
_NEEDED = ("about", "advice", "acknowledge", "hint", "open", "why", "step", "sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One alert of a bundle, or one severity of the head."""

    shape: str
    word: str
    summary: str = ""
    about: str = ""
    #: How many alerts are so bad; 0: there is but one, so it is not counted.
    count: int = 0


def letter(notice: Notice) -> str:
    """The HTML of a notice. Whatever came from outside is escaped, and can neither break a line nor a layout."""
    is_high = notice.urgency is Urgency.HIGH
    words = _words(notice)
    return _LETTER.render(
        language=notice.language,
        title=one_line(notice.title, TITLE_LENGTH),
        glance=words["about"],
        urgency="high" if is_high else "low",
        bar="drill" if notice.drill else "high" if is_high else "low",
        tone="hot" if is_high else "quiet",
        words=words,
        severities=_severities(notice),
        rows=_rows(notice) if len(notice.alerts) > 1 else (),
        acknowledge_url=notice.acknowledge_url,
        open_url=notice.open_url,
    )


def short_letter(memo: Memo) -> str:
    """The HTML of a message: its headline, its paragraphs, and one link."""
    again = memo.words.get("again")
    blocks = [block for block in memo.text.split("\n\n") if block != again]
    return _SHORT_LETTER.render(
        language=memo.language,
        title=one_line(memo.title, TITLE_LENGTH),
        glance=one_line(" ".join(blocks[:1]), SUMMARY_LENGTH),
        bar="high" if memo.urgency is Urgency.HIGH else "low",
        again=again,
        headline=one_line(memo.words.get("headline", memo.title), SUMMARY_LENGTH),
        paragraphs=[block.splitlines() for block in blocks],
        open_url=memo.open_url,
        open=memo.words.get("open", "open"),
        why=memo.words.get("why", "why"),
    )


def _words(notice: Notice) -> dict[str, str | None]:
    words: dict[str, str | None] = {name: notice.words.get(name, name) for name in _NEEDED}
    words |= {name: notice.words.get(name) for name in ("drill", "again", "more")}
    return {**words, "headline": one_line(notice.words.get("headline", notice.title), SUMMARY_LENGTH)}


def _severities(notice: Notice) -> list[_Row]:
    counts = Counter(alert.severity for alert in notice.alerts)
    counted = len(notice.alerts) > 1
    return [
        _Row(shape=_SHAPES[severity], word=_severity(notice, severity), count=counts[severity] if counted else 0)
        for severity in sorted(counts, key=lambda severity: severity.rank)
    ]


def _rows(notice: Notice) -> list[_Row]:
    return [
        _Row(
            shape=_SHAPES[alert.severity],
            word=_severity(notice, alert.severity),
            summary=one_line(alert.summary, SUMMARY_LENGTH),
            about=notice.words.get(f"about.{i}", ""),
        )
        for i, alert in enumerate(notice.alerts[:NAMED_AT_MOST])
    ]


def _severity(notice: Notice, severity: Severity) -> str:
    return notice.words.get(f"severity.{severity}", severity)
