"""Where the outside world is touched: engine, stores, logs."""
