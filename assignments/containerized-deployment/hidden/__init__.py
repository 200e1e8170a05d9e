"""What makes a case and knows the truth: never shipped."""
