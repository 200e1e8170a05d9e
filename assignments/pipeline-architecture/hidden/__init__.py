"""What draws a case and knows the next quarter."""
