"""What checks share: a design's evenings, its forecast, its move, its disaster."""
