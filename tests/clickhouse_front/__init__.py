"""For tests only: a part of the ClickHouse HTTP interface in front of a chDB folder.

It stands in for a ClickHouse server where none can be installed, so that the server path of the product runs on the
real engine, from several processes. It has no users of its own making, no replication and no TLS of a server; it is
no way to run an installation.
"""
