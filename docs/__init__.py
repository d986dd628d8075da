"""Documents for people, and the programs that make their pictures."""
