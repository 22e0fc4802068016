"""What is looked at: the configuration out of files, or that of the installation, with what is known of its past."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin.app.asking import in_force
from tocsin.app.configuring import read_offline
from tocsin.app.settings import Settings
from tocsin.configuration.mistakes import meant
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.insight.groups import Group, groups
from tocsin.core.schedules import Rendered
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine import clock
from tocsin.engine.duty import shifts_in
from tocsin.ports.duty import DutyBook

#: The longest window that is looked at.
LONGEST = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A configuration, and the record of duty beside it."""

    directory: Directory
    #: None: files have no past.
    book: DutyBook | None

    async def shifts(self, names: Iterable[ScheduleName], window: Span) -> Mapping[ScheduleName, Rendered]:
        """The shifts of these schedules: as they were where that is known, by the rota elsewhere."""
        wanted = list(dict.fromkeys(names))
        if self.book is None:
            return {name: self.directory.rota.shifts(name, window) for name in wanted}
        return await shifts_in(self.book, self.directory, wanted, window)

    def groups(self, *, team: str | None = None, schedule: str | None = None) -> tuple[Group, ...]:
        """The group that is named, else all of them.

        Raises:
            NotFound: there is no such team or schedule; with the nearest name.
            Refused: both are named.
        """
        try:
            return groups(self.directory, team=team, schedule=schedule)
        except NotFound as missing:
            if team is not None:
                hint = meant(team, self.directory.teams, plural="teams")
            else:
                hint = meant(schedule or "", self.directory.schedules, plural="schedules")
            raise NotFound(missing.detail, field=f"--{missing.field}", hint=hint) from None


@asynccontextmanager
async def looked_at(settings: Callable[[], Settings], path: Path | None) -> AsyncIterator[Sight]:
    """The files; without any, the installation, of a running server if there is one.

    Raises:
        BadConfiguration: the files are wrong; with all mistakes.
        Unavailable: the database cannot be asked.
    """
    if path is not None:
        yield Sight(directory=read_offline(path), book=None)
        return
    async with in_force(settings()) as (store, directory):
        yield Sight(directory=directory, book=store)


def window(begins: str | None, ends: str | None, *, usual: tuple[timedelta, timedelta]) -> Span:
    """From one end to the other; `usual`: where those lie, from now, that are left out.

    Raises:
        Refused: an end is no date and no instant, or the window is empty or too long.
    """
    now = clock.now().replace(second=0, microsecond=0)
    before, after = usual
    start = now + before if begins is None else _moment(begins, "--from")
    end = now + after if ends is None else _moment(ends, "--to")
    if not start < end <= start + LONGEST:
        hint = "give a --to that is later than --from, and at most ten years"
        raise Refused(
            f"there is no window from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}", field="--to", hint=hint
        )
    return Span(start, end)


def _moment(text: str, field: str) -> Instant:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "write 2026-11-22T03:00:00Z, or 2026-11-22"
        raise Refused(f"{text!r} is no date and no instant", field=field, hint=hint) from None
