"""What checks share: a design's hidden quarters, its numbers, its failures, its revision."""
