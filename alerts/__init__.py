"""What deserves telling: levels, conditions, policy, routing, messages."""
