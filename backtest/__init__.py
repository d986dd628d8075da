"""Rehearsing: the same market and alerts code over recorded prices."""
