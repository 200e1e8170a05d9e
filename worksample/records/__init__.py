"""What is kept for good: our tables, and the evidence chained by hashes."""
