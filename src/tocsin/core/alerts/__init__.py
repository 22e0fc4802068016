"""Alerts: one condition each.

model      what an alert is, what may be asked of it, what happens to it
lifecycle  decide and evolve: every rule of an alert's life
grouping   which alerts page together
quiet      silences and planned maintenance: who is kept from ringing, until when
"""

from tocsin.core.alerts.model import Alert, Status

__all__ = ["Alert", "Status"]
