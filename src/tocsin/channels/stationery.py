"""What every mail is written on: the frame around its words, and how it looks, also in the dark.

Rules of mail programs, which are stricter than browsers': tables carry the layout (Outlook), styles stand inline
(Gmail drops what it does not know), nothing is loaded from anywhere (no pictures, no fonts, no trace of who has
read it). Dark colours come by media query (Apple Mail) and by Outlook's own attributes; Gmail inverts by itself.
The colours are those of the web's style sheet, written as sRGB.
"""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import DictLoader, Environment, StrictUndefined, Template

_FONT = (
    "font-family: -apple-system, Segoe UI, Roboto, PingFang SC, Noto Sans SC, Microsoft YaHei, Helvetica, Arial, "
    "sans-serif"
)
_WRAP = "overflow-wrap: anywhere; word-break: break-word"

_SHAPE = "padding: 12px 12px 12px 0; border-top: 1px solid #dfe1e7; font-size: 15px; line-height: 22px"


def _hatch(one: str, other: str) -> str:
    """A drill is hatched, everywhere."""
    return f"repeating-linear-gradient(135deg, {one} 0, {one} 9px, {other} 9px, {other} 18px)"


#: Each style stands inline under its name; the class of the same place in a template gives it its dark colours.
_STYLES: Mapping[str, str] = {
    "body": "margin: 0; padding: 0; background: #f3f5f9; -webkit-text-size-adjust: 100%",
    "unseen": "display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; opacity: 0",
    "whole": f"background: #f3f5f9; {_FONT}",
    "column": "width: 100%; max-width: 560px",
    "card": "background: #ffffff; border: 1px solid #dfe1e7; border-radius: 12px; overflow: hidden",
    "bar_high": "height: 5px; background: #e2381c; font-size: 0; line-height: 0",
    "bar_low": "height: 5px; background: #828690; font-size: 0; line-height: 0",
    "bar_drill": "height: 5px; background: #9543c6; font-size: 0; line-height: 0",
    "drill": (
        "padding: 12px 24px; background: #f2dfff; color: #771fa5; font-size: 15px; line-height: 22px; "
        f"font-weight: 600; background-image: {_hatch('#f8edff', '#f2dfff')}"
    ),
    "again": (
        "padding: 12px 24px; background: #f3f5f9; color: #1b1f29; font-size: 15px; line-height: 22px; "
        "border-bottom: 1px solid #dfe1e7"
    ),
    "severity_high": "margin: 0; font-size: 15px; line-height: 22px; font-weight: 600; color: #b71d00",
    "severity_low": "margin: 0; font-size: 15px; line-height: 22px; font-weight: 600; color: #535864",
    "headline": (
        "margin: 8px 0 0; font-size: 24px; line-height: 31px; font-weight: 650; letter-spacing: -0.01em; "
        f"color: #1b1f29; {_WRAP}"
    ),
    "about": f"margin: 10px 0 0; font-size: 15px; line-height: 22px; color: #535864; {_WRAP}",
    "advice": "margin: 20px 0 0; font-size: 16px; line-height: 24px; color: #1b1f29",
    "wrap": _WRAP,
    "button": "background: #1b1f29; border-radius: 10px; mso-padding-alt: 16px 20px",
    "press": (
        "display: block; padding: 16px 20px; font-size: 18px; line-height: 24px; font-weight: 600; color: #ffffff; "
        "text-decoration: none"
    ),
    "hint": "margin: 10px 0 0; font-size: 14px; line-height: 20px; color: #535864; text-align: center",
    "open": (
        "display: block; padding: 14px 20px; font-size: 16px; line-height: 22px; color: #1b1f29; text-align: center; "
        "text-decoration: underline; text-decoration-color: #828690; text-underline-offset: 4px"
    ),
    "row": "padding: 12px 0; border-top: 1px solid #dfe1e7",
    "shape_high": f"{_SHAPE}; color: #b71d00",
    "shape_low": f"{_SHAPE}; color: #535864",
    "summary": f"margin: 0; font-size: 16px; line-height: 22px; color: #1b1f29; {_WRAP}",
    "detail": f"margin: 2px 0 0; font-size: 14px; line-height: 20px; color: #535864; {_WRAP}",
    "foot": f"padding: 16px 24px 24px; font-size: 13px; line-height: 20px; color: #535864; {_WRAP}",
}

_DARK = {
    "background": {
        ".paper": "#0f1217",
        ".card": "#191d24",
        ".bar_high": "#fd6844",
        ".bar_low": "#767a84",
        ".bar_drill": "#cb91f4",
        ".drill": "#331e42",
        ".again": "#22262e",
        ".button": "#e8ebf1",
    },
    "color": {
        ".ink": "#e8ebf1",
        ".quiet": "#a6abb5",
        ".hot": "#fd8a6c",
        ".drill": "#e3c2fb",
        ".press": "#0f1217",
    },
}


def _darkened(before: str, kinds: tuple[str, ...]) -> str:
    return "\n".join(
        f"{before}{place} {{ {kind}: {colour} !important }}" for kind in kinds for place, colour in _DARK[kind].items()
    )


#: Outlook marks text and backgrounds that it has recoloured, each with an attribute of its own.
_SHEET = f"""
:root {{ color-scheme: light dark; supported-color-schemes: light dark }}
@media (max-width: 480px) {{ .inner {{ padding-left: 18px !important; padding-right: 18px !important }} }}
@media (prefers-color-scheme: dark) {{
{_darkened("", ("background", "color"))}
.drill {{ background-image: {_hatch("#331e42", "#412354")} !important }}
.card, .line {{ border-color: #2a2e36 !important }}
}}
{_darkened("[data-ogsb] ", ("background",))}
{_darkened("[data-ogsc] ", ("color",))}
"""

#: A letter fills two blocks: `card`, rows of the card below its bar, and `foot`. It is rendered with `language`,
#: `title`, `glance` (what a list of mails shows beside the subject) and `bar` (high, low or drill).
_FRAME = """\
<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>{{ title }}</title>
<style>{{ sheet }}</style>
</head>
<body class="paper" style="{{ style.body }}">
<div style="{{ style.unseen }}">{{ glance }}</div>
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="{{ style.whole }}">
<tr><td align="center" style="padding: 16px 10px">
<!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="{{ style.column }}">
<tr><td class="card" style="{{ style.card }}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="bar_{{ bar }}" style="{{ style['bar_' ~ bar] }}">&nbsp;</td></tr>
{% block card %}
{% endblock %}
</table>
</td></tr>
<tr><td class="quiet inner" style="{{ style.foot }}">
{% block foot %}
{% endblock %}
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"""

_PAPER = Environment(
    loader=DictLoader({"frame": _FRAME}),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAPER.globals.update(style=_STYLES, sheet=_SHEET)


def on_paper(blocks: str) -> Template:
    """A template of these blocks within the frame. Whatever is filled in is escaped."""
    return _PAPER.from_string(f'{{% extends "frame" %}}\n{blocks}')
