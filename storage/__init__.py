"""What we remember: one file, one writer, one transaction per step."""
