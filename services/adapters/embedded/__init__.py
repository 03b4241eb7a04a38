"""The parts that run inside one process."""
