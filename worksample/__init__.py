"""Work samples for machine-learning engineers: cases, sealed grading, evidence."""

__version__ = "0.1.0"
