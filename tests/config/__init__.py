"""Files that people write: what is understood, and how errors are told."""
