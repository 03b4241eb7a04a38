"""The distributed mode: Kafka carries the events, Faust workers drive the steps."""
