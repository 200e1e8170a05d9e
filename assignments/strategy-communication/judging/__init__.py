"""What checks need. Never shipped."""
