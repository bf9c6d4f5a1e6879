"""Scenario tests as people who write rules write them."""
