"""Tocsin: on-call and incident response.

core/          every decision, pure
ports/         narrow promises to the world
configuration/ files and documents -> core values
calendars/     calendars that are kept elsewhere, read
intake/        doors in, one pure file per wire format
channels/      doors out, one pure file per way to reach a person
solving/       rotas proposed by a solver, where one is installed
syncs/         what follows the rota, one pure file per kind
store/         PostgreSQL and its twin in memory
engine/        worker, delivery, transport, clock, commands, watchdog
web/           server, pages, api
simulation/    the engine in a simulated world, where all that can fail does
app/           settings, wiring, cli: the only place that knows everyone
testing/       the fakes we ship
"""
