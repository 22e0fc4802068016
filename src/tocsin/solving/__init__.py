"""Rotas by a solver that may not be installed: whoever wires the house looks, and takes `exact` or `swaps` by name.

variables.py  who takes what, as a model's variables
rules.py      everything that must be kept
aims.py       what an assignment costs
clashes.py    which wishes and limits leave no rota
exact.py      all of it as one solver; with those above the only one that imports OR-Tools (the extra `rota`)
swaps.py      the core's search by moves and swaps as a solver; it needs nothing installed
"""
