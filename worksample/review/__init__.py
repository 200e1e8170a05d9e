"""What graders look at: what lies behind a score, whether it is whole, and their ratings."""
