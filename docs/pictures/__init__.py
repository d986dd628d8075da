"""Pictures of levelwatch at work, each drawn from a real run."""
