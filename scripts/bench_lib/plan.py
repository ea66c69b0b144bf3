"""How long and how often things are measured."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    rounds: int               # contenders take turns this often; medians are quoted
    probe: int                # seconds of each try for the best number of clients
    seconds: int              # of each measurement
    warmup: float
    fill: int                 # seconds of orders of 100 lines, so that the products are in memory
    spread_clients: tuple     # of pgbench
    hot_clients: tuple
    forms: tuple              # of pgbench's transaction
    connections: tuple        # of souk-load
    hot_connections: tuple
    sqlite_connections: tuple
    open_loops: tuple         # which measurements are repeated at 70 % of their rate
    pages: int                # products read, by nginx too
    check_each: bool          # `souk check` after each load, not only after a database's last one
    imported: int             # products of the import
    large: bool               # the database with 100,000 products and 1,000,000 orders


FULL = Plan(rounds=3, probe=4, seconds=10, warmup=2, fill=5, spread_clients=(8, 16, 32, 64),
            hot_clients=(2, 4, 8, 16), forms=("one statement", "five statements"),
            connections=(128, 256, 512, 768), hot_connections=(128, 256, 512, 768),
            sqlite_connections=(64, 256),
            open_loops=("spread", "hot", "sqlite_spread", "sqlite_hot"), pages=10_000,
            check_each=True, imported=100_000, large=True)
QUICK = Plan(rounds=1, probe=1, seconds=2, warmup=0.3, fill=1, spread_clients=(8, 32),
             hot_clients=(8,), forms=("one statement",), connections=(256,),
             hot_connections=(256,), sqlite_connections=(256,), open_loops=("spread",), pages=200,
             check_each=False, imported=10_000, large=False)
