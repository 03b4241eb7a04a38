"""Rules of the workload per person: weighted cases against days of work, and of the number of vice-chairs."""
