"""What checks and probe need. Never shipped."""
