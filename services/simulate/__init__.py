"""Simulated work: arrivals, counters, difficulties and answers, sent through the same intake as real users'."""
