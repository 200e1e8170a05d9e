"""What the probe and the checks share."""
