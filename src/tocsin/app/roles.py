"""What a node does: all, or only one half of it. No node is special; a role only spreads the load."""

from __future__ import annotations

from enum import StrEnum

from tocsin.core.errors import Refused


class NodeRole(StrEnum):
    """Which half of the work."""

    ALL = "all"
    #: Takes events and shows pages; what is due is left to others.
    WEB = "web"
    #: Decides, pages and does the chores; it can be asked only how it is.
    WORKER = "worker"

    @property
    def works(self) -> bool:
        """True when it claims what is due."""
        return self is not NodeRole.WEB

    @property
    def answers(self) -> bool:
        """True when it takes events and shows pages."""
        return self is not NodeRole.WORKER


def read_role(text: str) -> NodeRole:
    """A role from its name.

    Raises:
        Refused: there is none of this name.
    """
    try:
        return NodeRole(text)
    except ValueError:
        names = ", ".join(NodeRole)
        raise Refused(f"there is no role {text!r}", field="role", hint=f"one of {names}") from None
