"""What the price did: ticks, bars, sessions, indicators. Knows no rule, no clock."""
