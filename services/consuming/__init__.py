"""The drivers of stream processors: runners of partitions, delivery, dead letters, progress, timers."""
