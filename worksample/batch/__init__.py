"""One candidate or all of them, on this machine or on many, into evidence and gradebook."""
