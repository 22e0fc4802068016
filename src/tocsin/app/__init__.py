"""Puts everything together: settings, wiring, the command line. The only place that knows everyone."""
