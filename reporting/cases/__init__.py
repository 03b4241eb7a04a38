"""Cases: how a row moves a case, its dates, marks and metrics."""
