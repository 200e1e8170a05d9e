"""From an attempt to its result: repair, run, probe, checks. All that a score depends on."""
