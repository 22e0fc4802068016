"""Paging: reaching one recipient about one group of alerts.

attempt   what happens to a page and its attempts: decide and evolve
calm      how often one person may be rung: the first at once, then in bundles
order     who goes first when much is due at once
outbox    which attempts leave together, and when
page      a page as it stands
provider  whether a provider can be used just now
wording   what a page says, in the reader's language
"""

from tocsin.core.paging.page import Page

__all__ = ["Page"]
