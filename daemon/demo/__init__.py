"""`levelwatch demo`: the whole daemon on a paper exchange, in compressed time."""
