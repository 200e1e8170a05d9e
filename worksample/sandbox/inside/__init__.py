"""All of this package that runs in a sandbox, beside the candidate; it imports nothing trusted."""
