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
        # To whoever is to set their first password; `by`: who wants them in.
        "invitation": ("by",),
        # `change`: "on" or "off", what `by` has made of the reader.
        "override_made": ("schedule", "start", "end", "by", "change"),
        "password_set": (),
        # To whoever cannot sign in.
        "recovery": (),
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
        # The watchdog's: a trouble's title is its sentence wherever it is told (core/watch/troubles.py has the names).
        "trouble_calendar_stale": ("calendar", "since", "why"),
        "trouble_clock_skewed": ("node", "skew"),
        "trouble_dead_man_mute": ("node", "since"),
        "trouble_deliveries_stuck": ("count",),
        "trouble_disk_low": ("folder", "node", "free"),
        "trouble_inbound_silent": ("integration", "since", "usual"),
        "trouble_intake_crowded": ("count", "node"),
        "trouble_loop_silent": ("loop", "node", "lasts"),
        "trouble_messages_late": ("count", "lasts"),
        "trouble_nobody_pages": (),
        "trouble_node_gone": ("node", "since"),
        "trouble_provider_failing": ("provider", "since", "why"),
        "trouble_steps_late": ("count", "lasts"),
        "trouble_steps_missing": ("count",),
        "trouble_store_away": ("node", "why"),
        "trouble_sync_failing": ("sync", "since", "why"),
        # What administrators are told past the pages: `first` of the troubles, and each on a line of its own.
        "watch_danger": ("first", "troubles", "node"),
        "watch_over": ("first", "troubles", "node"),
    }
)

#: Whose link signs in whoever opens it: it goes to the person's own mail address and nowhere else, and is kept nowhere.
#: The key of such a message ends in the link's nonce.
PRIVATE = frozenset({"invitation", "recovery"})

#: A value that every kind may have: the zone in which its schedule is planned. A reader who lives in it need not be
#: told on whose clock the times are.
ZONE = "zone"
