"""What happened to a case, as people read it.

telling  a line for every fact, words for every named reason
ladder   the climb as rungs: behind, present, ahead
"""

from tocsin.core.story.ladder import Asking, Kind, Rung, Tone, Try, ladder
from tocsin.core.story.telling import (
    BECAUSE,
    NOBODY,
    STOPPED,
    WHY,
    Line,
    Told,
    because,
    line,
    nobody,
    story,
    why_quiet,
)

__all__ = [
    "BECAUSE", "NOBODY", "STOPPED", "WHY",
    "Asking", "Kind", "Line", "Rung", "Told", "Tone", "Try",
    "because", "ladder", "line", "nobody", "story", "why_quiet",
]  # fmt: skip
