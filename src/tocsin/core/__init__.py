"""Every decision of Tocsin, as pure values and functions: no I/O, no clock, no chance."""
