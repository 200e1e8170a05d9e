"""What draws a case and knows what comes."""
