"""Measurements, run by `make bench` alone."""
