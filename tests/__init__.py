"""Tests as stories: real brokers, real databases, fakes only where a provider would charge."""
