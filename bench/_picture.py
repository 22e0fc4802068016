"""A scatter of measurements as one SVG: light or dark as the reader's screen is, without script or font."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 1_000, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 56, 40

_STYLE = """
.scatter text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size: 12px; fill: #575e6b;
  font-variant-numeric: tabular-nums }
.scatter .title { font-size: 16px; font-weight: 650; fill: #1b1f27 }
.scatter .paper { fill: #ffffff; stroke: #e1e4ea }
.scatter .line { stroke: #cbd1dd }
.scatter .goal { stroke: #c4361c; stroke-dasharray: 4 3 }
.scatter .s0 { fill: #2f6fb3; fill-opacity: .75 }
.scatter .s1 { fill: #c77700 }
@media (prefers-color-scheme: dark) {
  .scatter text { fill: #a4acba } .scatter .title { fill: #eef1f6 } .scatter .paper { fill: #15181e; stroke: #2b303a }
  .scatter .line { stroke: #3a404c } .scatter .goal { stroke: #ff7a5c }
  .scatter .s0 { fill: #6fb1f2 } .scatter .s1 { fill: #f0b04a }
}"""


def scatter(title: str, series: Mapping[str, Sequence[tuple[float, float]]], *, goal: float) -> str:
    """Points of seconds since the beginning and milliseconds, these on a scale of powers of ten; the goal as a line."""
    points = [point for each in series.values() for point in each]
    longest = max(second for second, _ in points)
    low = 10 ** math.floor(math.log10(max(min(took for _, took in points), 0.1)))
    high = 10 ** math.ceil(math.log10(max(goal, *(took for _, took in points))))

    def across(second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * second / longest

    def down(took: float) -> float:
        share = math.log10(max(took, low) / low) / math.log10(high / low)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>']
    decade = low
    while decade <= high:
        parts.append(_rule("line", down(decade)))
        parts.append(f'<text x="{LEFT - 8}" y="{down(decade) + 4:.1f}" text-anchor="end">{decade:,g} ms</text>')
        decade *= 10
    parts.append(_rule("goal", down(goal)))
    parts += [
        f'<text x="{across(second):.1f}" y="{HEIGHT - 18}" text-anchor="middle">{second} s</text>'
        for second in range(0, math.floor(longest) + 1, 5)
    ]
    for place, (name, each) in enumerate(series.items()):
        parts.append(f'<circle class="s{place}" cx="{LEFT + 300 * place + 5}" cy="42" r="4"/>')
        parts.append(f'<text x="{LEFT + 300 * place + 16}" y="46">{escape(name)}</text>')
        parts += [
            f'<circle class="s{place}" cx="{across(at):.1f}" cy="{down(took):.1f}" r="{2 + place}"/>'
            for at, took in each
        ]
    frame = f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="scatter" role="img" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{_STYLE}\n</style>", frame, *parts, "</svg>\n"])


def _rule(kind: str, y: float) -> str:
    return f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
