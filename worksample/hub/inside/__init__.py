"""What runs inside a hosted sandbox, beside the candidate."""
