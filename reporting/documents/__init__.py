"""What documents contain, without how they are drawn: services/documents/ does that."""
