"""What makes the cases and knows their truth. Never shipped."""
