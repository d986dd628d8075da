"""The rim towards the venues: every wire format becomes a `Quote` or a `Bar` here."""
