"""Routes: ordered conditions that choose service, urgency, grouping, policy, or suppression."""

from tocsin.core.routing.condition import Condition
from tocsin.core.routing.route import Choice, Route, choose

__all__ = ["Choice", "Condition", "Route", "choose"]
