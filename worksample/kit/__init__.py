"""What assignments share: parts of scenarios, proofs and judging that are not one folder's own."""
