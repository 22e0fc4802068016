"""Doors in: one pure file per wire format turns a request into events and answers in the sender's own language.

A door opens no socket, reads no clock and stores nothing. To add one: its file with a `DOOR`, its line below, and
fixtures under `tests/intake/fixtures/<door>/`.
"""

from tocsin.intake import alertmanager, native, opsgenie, pagerduty
from tocsin.ports.doors import Door

#: Every door there is, by the protocol's name in an integration's configuration.
DOORS: tuple[Door, ...] = (native.DOOR, opsgenie.DOOR, pagerduty.DOOR, alertmanager.DOOR)
