"""What is kept about candidates: how long, on hold, as a copy for them, and erased for good."""
