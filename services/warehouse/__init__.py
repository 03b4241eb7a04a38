"""ClickHouse: client, access, cluster, migrations, named queries, tables of folded states."""
