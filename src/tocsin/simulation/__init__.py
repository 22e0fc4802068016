"""A year of bad luck in a minute: the real engine in a simulated world, where all that can fail does, out of a seed.

loop, chance, script   virtual time, one seed, and what will happen before it does
town, sources, people  what is configured, what fails, and who answers
nodes, shelf           the real parts on lives that can be taken, and the real store in memory on bad days
providers, faults      who is called, and what is wrong at present
promises, calls        what must never be otherwise
author, world, run     a seed becomes a script, a script happens, and something comes of it
history, shrinking     what happened, and the shortest history with the same end
"""
