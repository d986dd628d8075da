"""When things run: the command line, the clock, the loops."""
