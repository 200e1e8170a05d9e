"""What checks and the probe share."""
