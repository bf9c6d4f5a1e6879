"""Files that people write, read and checked: every problem at once, with its line and column."""
