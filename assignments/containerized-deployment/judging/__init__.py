"""What probe and checks share: never shipped."""
