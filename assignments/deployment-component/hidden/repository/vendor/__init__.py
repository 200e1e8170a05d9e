"""Libraries of other teams, copied as they release them."""
