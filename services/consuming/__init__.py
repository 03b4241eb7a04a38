"""What drives a stream processor: workers of partitions, delivery, dead letters, progress, timers."""
