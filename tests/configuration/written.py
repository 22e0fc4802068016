"""What the tests of the configuration share: an environment, and files as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tocsin.configuration.mistakes import BadConfiguration, Mistake
from tocsin.configuration.reading import Draft, read
from tocsin.ports.state import Document

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"

CHANNELS = frozenset({"email", "webhook", "ntfy"})
PROTOCOLS = frozenset({"tocsin", "opsgenie", "pagerduty", "alertmanager"})

KEYS = {
    "TOCSIN_KEY": "a-key-for-the-quickstart",
    "TOCSIN_KEY_NATIVE": "native-key-0001",
    "TOCSIN_KEY_OPSGENIE": "opsgenie-key-0002",
    "TOCSIN_KEY_PAGERDUTY": "pagerduty-key-0003",
    "TOCSIN_KEY_PROMETHEUS": "prometheus-key-0004",
}

#: Every kind of object and every field of each.
EVERYTHING = """\
tocsin: 1
users:
  - name: ada
    full_name: "Ada ${SURNAME}, Countess"
    email: ada@example.org
    time_zone: Europe/Berlin
    role: admin
    language: zh
    contacts:
      - {name: hook, channel: webhook, address: "https://example.org/ada"}
      - {name: mail, channel: email, address: ada@example.org}
    rules:
      high: [{contact: hook}, {after: 2m30s, contact: mail}]
      low: [{contact: mail}]
    holidays: DE-BE
    reminders: [1 week, 36h, 90 minutes]
    absences:
      - {from: 2026-12-24, to: 2027-01-02, note: skiing}
      - {from: "2026-03-10T12:00", to: "2026-03-10T18:00+01:00"}
    away: ada-calendar
  - {name: bob, reminders: [], contacts: [{name: mail, channel: email, address: bob@example.org}]}
  - {name: eve, full_name: "$${not a variable}"}
teams:
  - {name: data, members: [ada, bob], lead: ada}
  - {name: empty}
schedules:
  - name: primary
    team: data
    time_zone: America/New_York
    layers:
      - name: weekly
        rotation: {every: 1 week, from: 2026-01-05T09:00, people: [ada, [bob, eve], nobody]}
        start: "2026-02-01T00:00"
        end: "2027-01-01T00:00Z"
      - name: nights
        rotation: {every: 8 hours, from: "2026-01-05T22:00", people: [bob]}
        only: [{days: [mon, sat], between: ["22:00", "6:00"]}, {between: [12:00, 13:00]}]
    overrides:
      - {person: bob, from: "2026-03-01T09:00", to: "2026-03-01T17:00"}
      - {people: [ada, eve], from: "2026-03-01T09:00+01:00", to: "2026-03-01T17:00+01:00"}
      - {nobody: true, from: "2026-03-01T10:00", to: "2026-03-01T11:00", note: the office moves}
      - {person: eve, instead_of: ada, from: "2026-03-02", to: "2026-03-03"}
  - name: second
    time_zone: Europe/Berlin
    part: secondary
    combine: union
    layers:
      - name: months
        time_zone: Asia/Shanghai
        rotation: {every: 1 month, from: "2026-01-31T09:00", people: [ada, bob], turns: active}
        only_in: participants
        only:
          - {days: [mon, tue]}
          - {from: "fri 17:00", to: "mon 09:00"}
          - {dates: ["2026-12-24", "2026-12-31"], between: ["08:00", "20:00"]}
          - {holidays: DE-BY}
          - {except_holidays: CN, between: ["09:00", "17:00"]}
      - name: pitman
        rotation: {every: [2 days, 2d, 3 days], from: "2026-01-05T07:00", people: [bob, eve]}
      - name: ends
        rotation: {change_at: ["mon 9:00", "fri 17:00"], from: "2026-01-09T17:00", people: [eve, ada]}
        start: "2026-01-10T00:00"
      - {name: external, calendar: team-calendar}
    follows: {schedule: primary, behind: -2 turns, may_repeat: true}
    apart_from: [primary]
    changes:
      - from: "2027-01-04T09:00"
        layers: [{name: weekly, rotation: {every: 1 week, from: "2027-01-04T09:00", people: [ada]}}]
        combine: stacked
        follows: primary
      - {from: "2027-02-01T09:00", combine: union}
  - {name: shadow, time_zone: UTC, part: reverse-shadow, follows: {schedule: second, offset: 2 turns}}
calendars:
  - {name: ada-calendar, url: "webcal://calendar.example.org/${SURNAME}.ics"}
  - {name: team-calendar, file: team.ics, time_zone: Europe/Berlin}
overrides:
  - {name: swap-1, schedule: primary, person: bob, from: "2026-03-04T09:00", to: "2026-03-04T17:00", note: dentist}
  - name: swap-2
    schedule: primary
    people: [bob, eve]
    instead_of: ada
    from: "2026-03-05T09:00+01:00"
    to: "2026-03-05T17:00+01:00"
    made: "2026-02-22T10:00:00Z"
  - {name: closed, schedule: second, nobody: true, from: "2026-03-06", to: "2026-03-07", made: "2026-02-22T10:00:30Z"}
absences:
  - {name: a-1, person: bob, from: "2026-04-01", to: "2026-04-01"}
  - name: a-2
    person: ada
    from: "2026-04-01T08:00"
    to: "2026-04-02"
    known_from: "2026-04-01T06:30Z"
    note: ill
policies:
  - name: default
    steps:
      - page: [{schedule: primary}, {webhook: "https://example.org/hook"}]
        when: {severity: [critical, error], days: [mon, fri], between: ["22:00", "06:00"], time_zone: Asia/Shanghai}
        round_robin: true
      - {after: 10m, page: [{user: ada}, {team: data}]}
    repeat: 3
    repeat_after: 15m
    last_resort: [{team: data}]
    last_resort_every: 20m
    acknowledgement_lapses_after: 2h
services:
  - {name: pipelines, team: data, policy: default, tier: 1}
  - {name: bare}
integrations:
  - {name: native, protocol: tocsin, service: pipelines, key: "${TOCSIN_KEY_NATIVE}"}
  - {name: airflow, protocol: opsgenie, key: "${TOCSIN_KEY_OPSGENIE}"}
routes:
  - name: nightly
    when: 'labels.env == "dev"'
    integrations: [airflow]
    service: pipelines
    urgency: low
    policy: default
    group_by: [cluster, job]
    group_window: 7m
    resolve_after: 1d
  - {suppress: true, when: 'severity == "info"', group_by: []}
silences:
  - name: noise
    match: [env=dev, "job=~night.*", "team!=data", "path!~/tmp/.*"]
    from: "2026-03-01T00:00Z"
    to: "2026-03-02T01:00+01:00"
    comment: known and harmless
maintenances:
  - {name: upgrade, services: [pipelines], from: "2026-04-01T20:00Z", to: "2026-04-01T22:00Z", comment: PostgreSQL}
settings:
  reopen_within: 0s
  resolve_after: 7d
  calm: {at_once: 3, every: 30s}
  links_last: 1d
  keep_events: 30d
  dead_man_url: https://example.org/alive
  dead_man_every: 2m
  watchdog: {tell: https://example.org/danger, channels: [email, webhook]}
"""

ENVIRONMENT = {**KEYS, "SURNAME": "Byron"}


def draft(*texts: str, stored: Iterable[Document] = (), environment: Mapping[str, str] = ENVIRONMENT) -> Draft:
    """What the texts say, called `a.yaml`, `b.yaml`, ..."""
    named = [(f"{chr(ord('a') + number)}.yaml", text) for number, text in enumerate(texts)]
    return read(named, environment=environment, channels=CHANNELS, protocols=PROTOCOLS, stored=stored)


def mistakes(*texts: str, stored: Iterable[Document] = ()) -> list[Mistake]:
    """Everything that is wrong with the texts; nothing when they can be read."""
    try:
        draft(*texts, stored=stored)
    except BadConfiguration as bad:
        return list(bad.mistakes)
    return []


def told(*texts: str, stored: Iterable[Document] = ()) -> list[str]:
    """The same, as the command line prints them."""
    return [str(mistake) for mistake in mistakes(*texts, stored=stored)]
