"""The weekly mail: who asked for it, its words, its sender."""
