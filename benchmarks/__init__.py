"""Ratios side by side in one run, each with the limit that it has to hold: ``make bench``."""
