"""The exchange service: openings, links, the clock, hand-ins with receipts, feedback."""
