"""The monitoring centre's console: pages, live streams, an API. It changes things by commands."""
