"""Figures as bars in one SVG: light or dark as the reader's screen is, without script or font."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW, LEFT, RIGHT, TOP = 1_000, 30, 330, 150, 52

_STYLE = """
.bars text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size: 13px; fill: #2c323d;
  font-variant-numeric: tabular-nums }
.bars .title { font-size: 16px; font-weight: 650; fill: #1b1f27 }
.bars .paper { fill: #ffffff; stroke: #e1e4ea }
.bars .limit { fill: #cbd1dd }
.bars .ours { fill: #2f6fb3 }
.bars .goal { stroke: #c4361c; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  .bars text { fill: #c3c9d4 } .bars .title { fill: #eef1f6 } .bars .paper { fill: #15181e; stroke: #2b303a }
  .bars .limit { fill: #3a404c } .bars .ours { fill: #6fb1f2 } .bars .goal { stroke: #ff7a5c }
}"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure."""

    name: str
    value: float
    #: True for what Tocsin does, False for a limit that it is measured by.
    ours: bool


def bars(title: str, figures: Sequence[Bar], *, goal: float, goal_says: str) -> str:
    """The figures below each other on one scale, with the goal as a line through those that it is for."""
    height = TOP + ROW * len(figures) + 34
    scale = (WIDTH - LEFT - RIGHT) / max(goal, *(bar.value for bar in figures))
    parts = [f'<text class="title" x="20" y="30">{escape(title)}</text>']
    for place, bar in enumerate(figures):
        y = TOP + ROW * place
        width = max(bar.value * scale, 1)
        parts.append(f'<text x="{LEFT - 10}" y="{y + 17}" text-anchor="end">{escape(bar.name)}</text>')
        kind = "ours" if bar.ours else "limit"
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y + 3}" width="{width:.1f}" height="{ROW - 9}" rx="3"/>')
        parts.append(f'<text x="{LEFT + width + 8:.1f}" y="{y + 17}">{bar.value:,.0f}/s</text>')
    x = LEFT + goal * scale
    parts.append(f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{height - 28}"/>')
    parts.append(f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle">{escape(goal_says)}</text>')
    frame = f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="bars" role="img" viewBox="0 0 {WIDTH} {height}">'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{_STYLE}\n</style>", frame, *parts, "</svg>\n"])
