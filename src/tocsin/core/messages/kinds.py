"""The kinds of messages that have texts, and the values that the texts of each speak of.

Whoever makes a message of a kind gives these values. Instants are RFC 3339 text, spans two of them with a slash
between, and one value may hold several of either, each on a line of its own. An empty value is told as "nothing".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: By kind, the names of its values. `message.<kind>.title` and `message.<kind>.text` are in every catalog.
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "absence_uncovered": ("person", "schedule", "start", "end"),
        "cover_asked": ("schedule", "start", "end", "from"),
        "cover_taken": ("schedule", "start", "end", "by"),
        # `age`: in seconds, or in words; empty: it has never been read.
        "feed_stale": ("calendar", "age", "error"),
        # To whoever wrote the notes; `people`: who has yet to open them.
        "handoff_unopened": ("schedule", "people"),
        # To whoever is to open them; `notes`: how many there are.
        "handoff_unread": ("schedule", "notes"),
        # `change`: "on" or "off", what `by` has made of the reader.
        "override_made": ("schedule", "start", "end", "by", "change"),
        "reminder": ("schedule", "start", "end", "source"),
        # `reason`: why nobody is on call, by its name.
        "rota_gap": ("schedule", "start", "end", "reason"),
        # `end` may be empty: nobody knows yet.
        "shift_begins": ("schedule", "start", "end", "notes"),
        # `gained` and `lost`: spans.
        "shifts_moved": ("schedule", "gained", "lost", "effective"),
        "swap_accepted": ("schedule", "start", "end", "by"),
        "swap_declined": ("schedule", "start", "end", "by"),
        "swap_expired": ("schedule", "start", "end"),
        "swap_offered": ("schedule", "start", "end", "from"),
        "swap_withdrawn": ("schedule", "start", "end", "from"),
        "sync_failed": ("sync", "error"),
        "sync_recovered": ("sync",),
        # `target`: what the sync keeps; `error`: why the person cannot be put there.
        "sync_unmatched": ("sync", "person", "target", "error"),
        "test": ("by",),
    }
)

#: A value that every kind may have: the zone in which its schedule is planned. A reader who lives in it need not be
#: told on whose clock the times are.
ZONE = "zone"
