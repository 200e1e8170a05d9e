"""What is true of a case, and how it is drawn."""
