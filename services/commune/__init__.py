"""One commune's counter: its cases, its issues, its outbox."""
