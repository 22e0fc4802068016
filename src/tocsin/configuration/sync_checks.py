"""What is wrong with syncs that are well formed: a secret that signs nothing, two that would undo each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tocsin.configuration.documents import form
from tocsin.configuration.mistakes import Mistake, quoted
from tocsin.configuration.objects import Found
from tocsin.configuration.sync_forms import Sync, target_of
from tocsin.ports.state import Document

#: `tocsin sync log` shows what syncs did.
_LOG = "log"


def sync_mistakes(objects: Iterable[Found], stored: Iterable[Document]) -> Iterator[Mistake]:
    """Every mistake in the syncs of the files. `stored`: what stays beside them."""
    owners = {_key(form(kept, Sync)): kept.name for kept in stored if kept.kind == "sync"}
    for found in objects:
        if found.kind.form is not Sync or found.value is None:
            continue
        written = msgspec.convert(found.value, Sync)
        if written.name == _LOG:
            message, hint = f"{_LOG!r} is a word of `tocsin sync`", "another name for this sync"
            yield Mistake.at(found.place("name"), f"{found.path}.name", message, hint)
        field = "slack_group" if written.slack_group is not None else "webhook"
        if written.secret is not None and written.webhook is None:
            message = "a secret signs what goes to a webhook, and this is none"
            yield Mistake.at(found.place("secret"), f"{found.path}.secret", message, "leave it out")
        owner = owners.setdefault(_key(written), found.name)
        if owner != found.name:
            message = f"the sync {quoted(owner)} keeps the same: they would undo each other"
            yield Mistake.at(found.place(field), f"{found.path}.{field}", message, "one sync, with both schedules")


def _key(written: Sync) -> tuple[str, str]:
    kind, target = target_of(written)
    return kind, target.casefold() if kind == "slack" else target
