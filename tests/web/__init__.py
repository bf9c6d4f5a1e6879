"""The console: its accounts, its guard, its pages, and what browsers make of them."""
