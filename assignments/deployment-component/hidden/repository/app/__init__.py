"""Says how likely it is that a loan comes back late."""
