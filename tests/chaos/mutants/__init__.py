"""The suite must bite: five faults on purpose, each in a process of its own, and a verdict that has to catch them."""
