"""Doors out: one pure file per way to reach a person.

A channel composes a call out of a notice, and interprets what the provider answered; the transport opens the
sockets, retries follow the channel's limits. A new channel is one file that defines `CHANNEL`, one line in
`CHANNELS`, and fixtures under `tests/channels/fixtures/<channel>/` that the existing test picks up.

`addresses` holds what channels that speak HTTP have in common, `ports/answers` what all doors out read of an answer;
`letter` is the HTML of a mail.
"""

from __future__ import annotations

from tocsin.channels import browser, email, ntfy, webhook

#: Every channel that there is, in the order in which they are offered to a person.
CHANNELS = (
    email.CHANNEL,
    ntfy.CHANNEL,
    webhook.CHANNEL,
    browser.CHANNEL,
)

__all__ = ["CHANNELS"]
