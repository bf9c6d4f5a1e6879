"""Each adapter against the real thing that it wraps."""
