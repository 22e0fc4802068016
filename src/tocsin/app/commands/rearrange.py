"""`tocsin cover`, `override`, `absence`, `swap`, `handoff`: what people change of the rota while it runs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from tocsin.app import rearranging
from tocsin.app.commands.usage import Data, Json, help_alone
from tocsin.app.logs import set_up_logs
from tocsin.app.rearranging import Office, When, asker, office
from tocsin.app.serving import run
from tocsin.app.settings import load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.configuration.notation import positive_duration
from tocsin.core.handing_over import readers
from tocsin.core.overriding import OverrideWish
from tocsin.core.swapping import OfferId
from tocsin.core.vocabulary import PersonName, ScheduleName
from tocsin.ports.exchange import OfferWish

overrides = typer.Typer(rich_markup_mode=None)
absences = typer.Typer(rich_markup_mode=None)
swaps = typer.Typer(rich_markup_mode=None)

_LOCAL = "RFC 3339, or 2026-11-22T09:00"
Begins = Annotated[str | None, typer.Option("--from", metavar="A", help=f"{_LOCAL}.  [default: now]")]
Ends = Annotated[str | None, typer.Option("--to", metavar="B", help=f"{_LOCAL}.")]
Lasts = Annotated[str | None, typer.Option("--for", metavar="LENGTH", help="Instead of --to: 2h, 90m, 1 day.")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="A word about it.")]
Schedule = Annotated[str, typer.Argument(metavar="SCHEDULE", help="The schedule.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Whose it is.")]
Which = Annotated[str, typer.Argument(metavar="NAME", help="As the list has it.")]


def register(app: typer.Typer) -> None:
    """Add the commands and groups of this file."""
    app.command()(cover)
    app.command()(handoff)
    app.add_typer(overrides, name="override")
    app.add_typer(absences, name="absence")
    app.add_typer(swaps, name="swap")


@overrides.callback(invoke_without_command=True)
def override_alone(context: typer.Context) -> None:
    """Overrides: other people than the layers say, for a while."""
    help_alone(context)


@absences.callback(invoke_without_command=True)
def absence_alone(context: typer.Context) -> None:
    """Absences: who is away, so that the next in the rotation takes over."""
    help_alone(context)


@swaps.callback(invoke_without_command=True)
def swap_alone(context: typer.Context) -> None:
    """Swaps: shifts that people hand to each other."""
    help_alone(context)


def cover(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who needs cover, and is on call now.")],
    lasts: Annotated[str, typer.Option("--for", metavar="LENGTH", help="From now on: 2h, 90m.")],
    schedule: Annotated[str | None, typer.Option(metavar="NAME", help="Only there; else everywhere.")] = None,
    note: Note = "",
    data: Data = None,
) -> None:
    """Ask everybody who could to take over from a person, from now on for a while."""

    async def act(here: Office) -> str:
        here.zone_of_person(person)
        name = ScheduleName(schedule) if schedule is not None else None
        lasting = positive_duration(lasts)
        made = await here.exchange.cover(asker(person), lasts=lasting, schedule=name, note=note)
        return rearranging.offers_text(made, here.directory, here.now)

    _do(act, data)


def handoff(
    schedule: Schedule,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What to hand over; else notes are listed.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="PERSON", help="Who writes.")] = "command line",
    data: Data = None,
) -> None:
    """Write a note for whoever comes on call next, or read the newest ones."""

    async def act(here: Office) -> str:
        here.zone_of(schedule)
        if text is not None:
            made = await here.handovers.write(schedule, by=by, text=text)
            to = ", ".join(readers(here.directory.rota, made)) or "nobody"
            return f"Written for {to}, who must open it."
        notes = await here.handovers.notes(schedule)
        lines = (f"{note.written_at:%Y-%m-%d %H:%M}Z  {note.by}: {note.text}" for note in notes)
        return "\n".join(lines) or "There is no note yet."

    _do(act, data)


@overrides.command("add")
def add_override(
    schedule: Schedule,
    people: Annotated[list[str] | None, typer.Argument(metavar="[PERSON]...", help="Who; none: nobody.")] = None,
    begins: Begins = None,
    ends: Ends = None,
    lasts: Lasts = None,
    instead_of: Annotated[str | None, typer.Option(metavar="PERSON", help="Only this one is replaced.")] = None,
    note: Note = "",
    data: Data = None,
) -> None:
    """Put other people on call, or on purpose nobody."""

    async def act(here: Office) -> str:
        span = When(begins=begins, ends=ends, lasts=lasts).span(here.now, here.zone_of(schedule))
        wish = OverrideWish(
            schedule=ScheduleName(schedule),
            people=tuple(map(PersonName, people or ())),
            span=span,
            instead_of=PersonName(instead_of) if instead_of is not None else None,
            note=note,
        )
        return rearranging.overrides_text([await here.exchange.override(wish, asker())], here.directory)

    _do(act, data)


@overrides.command("list")
def list_overrides(
    schedule: Annotated[str | None, typer.Argument(metavar="SCHEDULE", help="One schedule; else all.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Overrides that are in force or to come, as far as they are kept apart from their schedule."""

    async def act(here: Office) -> str:
        found = await here.exchange.overrides(ScheduleName(schedule) if schedule is not None else None)
        if as_json:
            return json.dumps({"overrides": [rearranging.override_document(one) for one in found]})
        return rearranging.overrides_text(found, here.directory)

    _do(act, data)


@overrides.command("end")
def end_override(name: Which, data: Data = None) -> None:
    """End one now, or take it back before it begins."""

    async def act(here: Office) -> str:
        await here.exchange.end_override(name, asker())
        return "Ended."

    _do(act, data)


@absences.command("add")
def add_absence(
    person: Person, begins: Begins = None, ends: Ends = None, lasts: Lasts = None, note: Note = "", data: Data = None
) -> None:
    """Somebody is away; times without an offset are on their clock."""

    async def act(here: Office) -> str:
        span = When(begins=begins, ends=ends, lasts=lasts).span(here.now, here.zone_of_person(person))
        made = await here.exchange.absent(PersonName(person), span, note, asker())
        return rearranging.absences_text([made], here.directory)

    _do(act, data)


@absences.command("list")
def list_absences(
    person: Annotated[str | None, typer.Argument(metavar="PERSON", help="One person; else all.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Who is away now or will be."""

    async def act(here: Office) -> str:
        found = await here.exchange.absences(PersonName(person) if person is not None else None)
        if as_json:
            return json.dumps({"absences": [rearranging.absence_document(one) for one in found]})
        return rearranging.absences_text(found, here.directory)

    _do(act, data)


@absences.command("end")
def end_absence(name: Which, data: Data = None) -> None:
    """The person is back, or does not go."""

    async def act(here: Office) -> str:
        await here.exchange.end_absence(name, asker())
        return "Ended."

    _do(act, data)


@swaps.command("offer")
def offer_swap(
    schedule: Schedule,
    person: Person,
    begins: Begins = None,
    ends: Ends = None,
    lasts: Lasts = None,
    to: Annotated[list[str] | None, typer.Option(metavar="PERSON", help="To whom; else to everybody.")] = None,
    note: Note = "",
    data: Data = None,
) -> None:
    """Offer a part of somebody's duty; they stay on call until it is taken."""

    async def act(here: Office) -> str:
        span = When(begins=begins, ends=ends, lasts=lasts).span(here.now, here.zone_of(schedule))
        people = tuple(map(PersonName, to or ()))
        wish = OfferWish(schedule=ScheduleName(schedule), by=PersonName(person), span=span, to=people, note=note)
        return rearranging.offers_text([await here.exchange.offer(wish, asker())], here.directory, here.now)

    _do(act, data)


@swaps.command("list")
def list_swaps(
    schedule: Annotated[str | None, typer.Argument(metavar="SCHEDULE", help="One schedule; else all.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Shifts that are offered, and what became of those of the last thirty days."""

    async def act(here: Office) -> str:
        found = await here.exchange.offers(schedule=ScheduleName(schedule) if schedule is not None else None)
        if as_json:
            return json.dumps({"swaps": [rearranging.offer_document(one, here.directory, here.now) for one in found]})
        return rearranging.offers_text(found, here.directory, here.now)

    _do(act, data)


@swaps.command("take")
def take_swap(
    offer: Annotated[str, typer.Argument(metavar="ID", help="As the list has it.")],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who takes it.")],
    begins: Begins = None,
    ends: Ends = None,
    data: Data = None,
) -> None:
    """Take what is left of an offer, or with --from and --to a part of it."""

    async def act(here: Office) -> str:
        zone = here.zone_of_person(person)
        given = begins is not None or ends is not None
        part = When(begins=begins, ends=ends, lasts=None).span(here.now, zone) if given else None
        known = await here.exchange.take(OfferId(offer), asker(person), part=part)
        return rearranging.offers_text([known], here.directory, here.now)

    _do(act, data)


@swaps.command("decline")
def decline_swap(
    offer: Annotated[str, typer.Argument(metavar="ID", help="As the list has it.")],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who says no.")],
    data: Data = None,
) -> None:
    """Say no."""

    async def act(here: Office) -> str:
        known = await here.exchange.decline(OfferId(offer), asker(person))
        return rearranging.offers_text([known], here.directory, here.now)

    _do(act, data)


@swaps.command("withdraw")
def withdraw_swap(
    offer: Annotated[str, typer.Argument(metavar="ID", help="As the list has it.")], data: Data = None
) -> None:
    """Whoever offered keeps what is left."""

    async def act(here: Office) -> str:
        known = await here.exchange.withdraw(OfferId(offer), asker())
        return rearranging.offers_text([known], here.directory, here.now)

    _do(act, data)


def _do(act: Callable[[Office], Awaitable[str]], data: str | None) -> None:
    """Open the installation, do it, and print what came of it."""

    async def whole() -> None:
        set_up_logs(quiet=True)
        async with office(load(CHANNELS, data=data)) as here:
            text = await act(here)
        answer(text)

    run(whole())
