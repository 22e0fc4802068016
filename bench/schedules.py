"""Who is on call: a year rendered, an instant asked, 500 schedules checked for gaps; beside recurring-ical-events."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from _ground import machine, table

from tocsin.core.directory import Directory
from tocsin.core.escalation import Policy, Step
from tocsin.core.escalation.steps import OnSchedule
from tocsin.core.insight.inspection import findings
from tocsin.core.people import Contact, Person
from tocsin.core.schedules import Layer, Restriction, Rota, Rotation, Schedule, Turn, Unit, Weekday
from tocsin.core.services import Service
from tocsin.core.vocabulary import Instant, PersonName, PolicyName, ScheduleName, ServiceName, Span, utc

BERLIN = ZoneInfo("Europe/Berlin")
YEAR = Span(utc(2026, 1, 5), utc(2027, 1, 5))
WORKDAYS = tuple(Weekday)[:5]
NAME = ScheduleName("rota")
PEOPLE = [f"person-{number}" for number in range(10)]
DAYS, NIGHTS, WEEKENDS = PEOPLE[:4], PEOPLE[4:7], PEOPLE[7:]
ROUNDS = 15


def schedule(name: ScheduleName = NAME, *, since: date = date(2016, 1, 4), first: int = 0) -> Schedule:
    """Days by four people, weekday nights by three, weekends by three, since a Monday; `first`: who begins."""

    def rotation(people: list[str], begins: clock, unit: Unit, day: date) -> Rotation:
        turned = people[first % len(people) :] + people[: first % len(people)]
        return Rotation(
            every=Turn(count=1, unit=unit),
            anchor=datetime.combine(day, begins),
            participants=tuple((PersonName(person),) for person in turned),
        )

    nights = Restriction(days=frozenset(WORKDAYS), begins=clock(22), ends=clock(6))
    weekends = Restriction(days=frozenset({Weekday.FRIDAY}), begins=clock(17), until=Weekday.MONDAY, ends=clock(9))
    friday = since + timedelta(days=4)
    layers = (
        Layer(name="days", rotation=rotation(DAYS, clock(9), Unit.DAYS, since)),
        Layer(name="nights", rotation=rotation(NIGHTS, clock(22), Unit.DAYS, since), only=(nights,)),
        Layer(name="weekends", rotation=rotation(WEEKENDS, clock(17), Unit.WEEKS, friday), only=(weekends,)),
    )
    return Schedule(name=name, time_zone=BERLIN, layers=layers)


def as_icalendar(since: date) -> icalendar.Calendar:
    """The same rota as series that repeat: a series for each person of each layer."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN"]
    friday = since + timedelta(days=4)
    for layer, people, begins, hours, rule, first, step in (
        ("days", DAYS, clock(9), 24, "FREQ=DAILY;INTERVAL=4", since, 1),
        ("nights", NIGHTS, clock(22), 8, "FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR", since, 1),
        ("weekends", WEEKENDS, clock(17), 64, "FREQ=WEEKLY;INTERVAL=3", friday, 7),
    ):
        for number, person in enumerate(people):
            start = datetime.combine(first + timedelta(days=number * step), begins)
            lines += [
                "BEGIN:VEVENT",
                f"UID:{layer}-{person}",
                f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}",
                f"DTEND;TZID=Europe/Berlin:{start + timedelta(hours=hours):%Y%m%dT%H%M%S}",
                f"RRULE:{rule}",
                f"SUMMARY:{layer} {person}",
                "END:VEVENT",
            ]
    return icalendar.Calendar.from_ical("\r\n".join([*lines, "END:VCALENDAR", ""]))


def by_icalendar(calendar: icalendar.Calendar, at: Instant) -> str:
    """Who is on call as the series say: the event of the topmost layer."""
    rank = {"days": 0, "nights": 1, "weekends": 2}
    events = [str(event["SUMMARY"]).split() for event in recurring_ical_events.of(calendar).at(at)]
    return max(events, key=lambda event: rank[event[0]])[1]


def installation(schedules: int) -> Directory:
    """So many teams, each with the rota, a policy and a service."""
    names = [ScheduleName(f"rota-{number:03}") for number in range(schedules)]
    contact = Contact(name="mail", channel="email", address="x@example.org")
    people = [
        Person(name=PersonName(name), full_name=name, email=None, time_zone=BERLIN, contacts=(contact,))
        for name in PEOPLE
    ]
    policies = [
        Policy(name=PolicyName(f"policy-{name}"), steps=(Step(targets=(OnSchedule(schedule=name),)),)) for name in names
    ]
    services = [Service(name=ServiceName(f"service-{one.name}"), policy=one.name) for one in policies]
    return Directory(
        people={person.name: person for person in people},
        schedules={name: schedule(name, first=number) for number, name in enumerate(names)},
        policies={policy.name: policy for policy in policies},
        services={service.name: service for service in services},
    )


def least(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of several runs, in seconds of this process alone: the others were disturbed."""
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        act()
        took.append(time.process_time() - begun)
    return min(took)


def of_instants(ask: Callable[[Instant], object], instants: list[Instant]) -> float:
    """Seconds for one answer, in the best of a few runs over all instants."""

    def all_of_them() -> None:
        for at in instants:
            ask(at)

    return least(all_of_them, 5) / len(instants)


def main() -> None:
    """Measure and print."""
    old, young = date(2016, 1, 4), date(2025, 12, 29)
    dice = random.Random(1)
    instants = [YEAR.start + dice.random() * (YEAR.end - YEAR.start) for _ in range(2_000)]
    series = {since: as_icalendar(since) for since in (old, young)}
    rotas = {since: Rota({NAME: schedule(since=since)}) for since in (old, young)}
    for at in instants[:200]:
        assert rotas[old].on_call(NAME, at).people == (by_icalendar(series[old], at),), at

    occurrences = len(recurring_ical_events.of(series[old]).between(YEAR.start, YEAR.end))
    rows = [(f"a year of 3 layers and 10 people, cold ({occurrences} occurrences)", "ms", "ratio")]
    for since, told in ((young, "a week"), (old, "ten years")):
        theirs = least(lambda since=since: recurring_ical_events.of(series[since]).between(YEAR.start, YEAR.end))  # type: ignore[misc]
        ours = least(lambda since=since: Rota({NAME: schedule(since=since)}).shifts(NAME, YEAR))  # type: ignore[misc]
        rows += [(f"recurring-ical-events, rotation begun {told} before", f"{theirs * 1e3:.1f}", "1")]
        rows += [(f"Tocsin, rotation begun {told} before", f"{ours * 1e3:.2f}", f"{theirs / ours:.0f} times faster")]
    print(machine() + "\n")
    print(table(rows) + "\n")

    rows = [("who is on call at a random instant of the year", "microseconds", "ratio")]
    for since, told in ((young, "a week"), (old, "ten years")):
        rota = rotas[since]
        peer = of_instants(recurring_ical_events.of(series[since]).at, instants[:50])
        rows += [(f"recurring-ical-events, rotation begun {told} before", f"{peer * 1e6:.0f}", "1")]
        took = of_instants(lambda at, rota=rota: rota.on_call(NAME, at), instants)  # type: ignore[misc]
        shown = f"{peer / took:,.0f} times faster"
        rows += [(f"Tocsin, rotation begun {told} before", f"{took * 1e6:.2f}", shown)]
    cold = least(lambda: Rota({NAME: schedule(since=old)}).on_call(NAME, instants[0]))
    rows += [("Tocsin, the first question to a new revision", f"{cold * 1e6:.0f}", f"{peer / cold:.1f} times faster")]
    print(table(rows) + "\n")

    directory = installation(500)
    window = Span(utc(2026, 11, 22), utc(2026, 11, 22) + timedelta(days=90))
    gaps = least(lambda: [Rota(directory.schedules).shifts(name, window).gaps for name in directory.schedules], 2)
    begun = time.perf_counter()
    found = findings(directory, window)
    whole = time.perf_counter() - begun
    rows = [("500 schedules over 90 days, every minute", "seconds", "found")]
    rows += [("gaps alone", f"{gaps:.2f}", "")]
    rows += [("everything that `tocsin check` looks for", f"{whole:.2f}", str(len(found)))]
    print(table(rows))


if __name__ == "__main__":
    main()
