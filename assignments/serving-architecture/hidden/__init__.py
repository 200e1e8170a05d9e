"""What draws a case and knows tomorrow."""
