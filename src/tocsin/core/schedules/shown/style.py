"""What an SVG of schedules carries within itself: its style, light and dark, and its patterns. No script, no font."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tocsin.core.schedules.shown.colours import Pattern
from tocsin.core.schedules.shown.drawing import add

#: Plain rules without variables, which not every program that shows an SVG knows.
STYLE = """
.rota text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", "PingFang SC",
  "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif; font-size: 12px; fill: #575e6b;
  font-variant-numeric: tabular-nums }
.rota .paper { fill: #ffffff; stroke: #e1e4ea }
.rota .title { font-size: 18px; font-weight: 650; letter-spacing: -.01em; fill: #1b1f27 }
.rota .name { font-size: 13px; font-weight: 600; fill: #1b1f27 }
.rota .strong { font-weight: 650; fill: #1b1f27 }
.rota .ground { fill: #f3f5f9 }
.rota .night { fill: #d3daeb }
.rota .day { stroke: #cbd1dd }
.rota .week { stroke: #98a1b3 }
.rota .edge { fill: none; stroke: #000000; stroke-opacity: .16 }
.rota .notch { fill: #ffffff }
.rota .sample { fill: #98a1b3 }
.rota .label { font-size: 12.5px; font-weight: 600 }
.rota .gap { fill: #ffffff }
.rota .hatch { stroke: #d6492c; stroke-opacity: .55 }
.rota .outline { fill: none; stroke: #c4361c; stroke-dasharray: 4 3 }
.rota .nobody { font-size: 12.5px; font-weight: 600; fill: #b02c13; stroke: #ffffff; stroke-width: 5px;
  stroke-linejoin: round; paint-order: stroke }
.rota .now { fill: #1b1f27; stroke: #ffffff; paint-order: stroke; stroke-width: 2px }
.rota .now-text { font-size: 11px; font-weight: 650; fill: #1b1f27 }
@media (prefers-color-scheme: dark) {
.rota text { fill: #a6adba }
.rota .paper { fill: #181a20; stroke: #2c313b }
.rota .title, .rota .name, .rota .strong, .rota .now-text { fill: #eceef3 }
.rota .ground { fill: #22262e }
.rota .night { fill: #0e1015 }
.rota .day { stroke: #3b424f }
.rota .week { stroke: #656f80 }
.rota .edge { stroke: #ffffff; stroke-opacity: .3 }
.rota .notch { fill: #181a20 }
.rota .gap { fill: #181a20 }
.rota .hatch { stroke: #ff8a66; stroke-opacity: .42 }
.rota .outline { stroke: #ff8a66 }
.rota .nobody { fill: #ff9f80; stroke: #181a20 }
.rota .now { fill: #ffffff; stroke: #181a20 }
}
"""

#: Below the name of a pattern: the side of its tile, its turn, and the path that is drawn with how wide a line.
_TILES = {
    Pattern.STRIPES: (8, "rotate(-45)", "M0 2H8", 2.5),
    Pattern.DOTS: (7, "rotate(20)", "M2 2h.01", 3.2),
    Pattern.BARS: (6, "rotate(0)", "M1.5 0V6", 1.8),
}

HATCH = "hatch"


def add_patterns(root: Element, prefix: str) -> None:
    """The patterns under names that begin alike, so that several pictures may stand in one page."""
    defs = add(root, "defs")
    hatch = _pattern(defs, f"{prefix}{HATCH}", 9, "rotate(45)")
    add(hatch, "path", d="M0 2H9", class_="hatch", stroke_width=3.5)
    for pattern, (side, turn, path, width) in _TILES.items():
        for ink, colour in (("dark", "#ffffff"), ("light", "#000000")):
            tile = _pattern(defs, f"{prefix}{pattern}-{ink}", side, turn)
            opacity = 0.34 if ink == "dark" else 0.24
            add(tile, "path", d=path, stroke=colour, stroke_opacity=opacity, stroke_width=width, stroke_linecap="round")


def _pattern(defs: Element, name: str, side: float, turn: str) -> Element:
    units = {"patternUnits": "userSpaceOnUse", "patternTransform": turn}
    return add(defs, "pattern", id=name, width=side, height=side, **units)
