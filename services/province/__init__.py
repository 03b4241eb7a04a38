"""The province: queue of escalations, answers, overview of its communes."""
