"""Trains, samples, measures and publishes Mini. See README.md."""
