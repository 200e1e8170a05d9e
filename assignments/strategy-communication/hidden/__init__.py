"""What draws a case and knows its truth. Never shipped."""
