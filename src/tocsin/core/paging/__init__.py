"""Paging: reaching one recipient about one group of alerts.

attempt   a page and its attempts: decide and evolve
calm      how often one person may be rung: the first at once, then in bundles
outbox    which attempts leave together, and when
wording   what a page says, in the reader's language
"""

from tocsin.core.paging.attempt import Page

__all__ = ["Page"]
