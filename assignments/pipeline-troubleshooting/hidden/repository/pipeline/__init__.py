"""The nightly pipeline: raw bookings in, a published model and tomorrow's predictions out."""
