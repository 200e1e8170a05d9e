"""What checks and probe share."""
