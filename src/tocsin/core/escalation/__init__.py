"""Escalation: how a group of alerts climbs from person to person until somebody answers.

policy  what was agreed beforehand: steps, repeats, last resort
steps/  whom a step may ask: one file a kind, and the closed union of them
model   what a climb is, what may be asked of it, what happens to it
run     one climb: decide and evolve
"""

from tocsin.core.escalation.policy import Condition, Policy, Step
from tocsin.core.escalation.run import Run
from tocsin.core.escalation.steps import Target

__all__ = ["Condition", "Policy", "Run", "Step", "Target"]
