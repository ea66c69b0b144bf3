"""Orders: Souk on PostgreSQL against pgbench, the contenders by turns, and Souk on SQLite."""
import functools
import statistics
import time

from . import data
from .bench import median_of, median_run
from .pgbench import Pgbench
from .processes import BenchError, say
from .server import Database

SPREAD = (data.FIRST, data.last(data.PRODUCTS))
HOT = data.hot(data.PRODUCTS)
SOLD_OUT = data.sold_out(data.PRODUCTS)
SHARE = 0.7  # of the highest rate, for the open loop


def ok_rate(result):
    return result["ok_per_second"]


def summary_of(results):
    """What the JSON keeps of the runs that one figure is the median of."""
    middle = median_run(results, ok_rate)
    return {"orders_per_second": ok_rate(middle), "runs": [round(ok_rate(r)) for r in results],
            "connections": middle["connections"], "latency_ms": middle["latency_ms"],
            "cpu": middle["cpu"]}


def measure_statements(bench, shop, database, load):
    """Runs a load, without checks in between, and counts SQL statements and WAL syncs an order."""
    postgres = bench.postgres
    calls, syncs = postgres.statements(database), postgres.wal_syncs()
    result = load(thorough=False)
    # A backend publishes its WAL counts at the end of a transaction, at most once a second: one
    # more order lets the writer publish the last ones.
    time.sleep(1.1)
    nudge = bench.orders("one more order", shop, 0.4, 0, 1, SPREAD, "--rate", 5,
                         thorough=False)
    placed = sum(r["all"]["statuses"].get("201", 0) for r in (result, nudge))
    if placed == 0:
        raise BenchError("no order was placed: " + str(result["all"]))
    result["statements"] = (postgres.statements(database) - calls) / placed
    result["wal_syncs"] = (postgres.wal_syncs() - syncs) / placed
    if bench.plan.check_each:
        bench.books.check("orders, spread", shop.database)
    return result


def refusals(bench, shop, connections):
    """Orders for a product without stock: each is to be refused, and for that reason."""
    plan = bench.plan
    result = bench.orders("sold out", shop, plan.seconds, plan.warmup, connections, SOLD_OUT)
    others = {k: v for k, v in result["measured"]["codes"].items() if k != "out_of_stock"}
    if result["all"]["ok"] or others:
        bench.books.object(f"sold out: {result['all']['ok']} answered 2xx, "
                           f"and these were no matter of stock: {others}")
    return result


def probe_pgbench(bench, pgbench, name, products, clients, forms):
    """The best (form, number of clients)."""
    bench.checkpoint()
    say(f"pgbench, {name}: trying {', '.join(map(str, clients))} clients, {' and '.join(forms)}")
    best, tried = pgbench.best(products, clients, bench.plan.probe, forms)
    say(f"pgbench, {name}: best with {best[1]} clients, {best[0]}; {tried}")
    bench.measured[f"tried_pgbench_{name}"] = tried
    return best


def probe(bench, pgbench, shop):
    """What does best: pgbench's (form, clients) for spread, hot and, if another form is the best
    there, hot_same: in the form of spread; Souk's numbers of connections."""
    plan = bench.plan
    spread = probe_pgbench(bench, pgbench, "spread", SPREAD, plan.spread_clients, plan.forms)
    contenders = {"spread": spread,
                  "hot": probe_pgbench(bench, pgbench, "hot", HOT, plan.hot_clients, plan.forms)}
    if contenders["hot"][0] != spread[0]:
        contenders["hot_same"] = probe_pgbench(bench, pgbench, "hot_same", HOT,
                                               plan.hot_clients, spread[:1])
    connections = {}
    for name, products, counts in (("spread", SPREAD, plan.connections),
                                   ("hot", HOT, plan.hot_connections)):
        connections[name], tried = bench.best_connections(f"souk, {name}", shop, products, counts)
        bench.measured[f"tried_souk_{name}"] = tried
    return contenders, connections


def rounds(bench, pgbench, shop, contenders, connections):
    """Both contenders, spread and hot, and the refusals, by turns."""
    plan = bench.plan
    out = {name: [] for name in ("spread", "hot", "sold_out")}
    out.update({f"pgbench_{name}": [] for name in contenders})

    def contend(number, name, products):
        bench.checkpoint()
        form, clients = contenders[name]
        rate = pgbench.run(form, products, clients, plan.seconds)
        say(f"round {number}, pgbench, {name}, {form}: {rate:,.0f} orders/s")
        out[f"pgbench_{name}"].append(rate)

    for number in range(1, plan.rounds + 1):
        for name, products in (("spread", SPREAD), ("hot", HOT)):
            contend(number, name, products)
            label = f"round {number}, souk, {name}"
            load = functools.partial(bench.orders, label, shop, plan.seconds, plan.warmup,
                                     connections[name], products)
            out[name].append(measure_statements(bench, shop, "http", load)
                             if name == "spread" else load())
        if "hot_same" in contenders:
            contend(number, "hot_same", HOT)
        out["sold_out"].append(refusals(bench, shop, connections["hot"]))
    return out


def open_loop(bench, shop, name, products, rate, connections):
    """Random arrivals at a share of the highest rate."""
    plan = bench.plan
    runs = [bench.orders(f"open loop, {name}", shop, plan.seconds, plan.warmup, connections,
                         products, "--rate", round(rate * SHARE), "--poisson")
            for _ in range(plan.rounds)]
    middle = median_run(runs, lambda r: r["latency_ms"]["p99"])
    return {"rate": rate * SHARE, "latency_ms": middle["latency_ms"],
            "not_placed": sum(r["measured"]["answers"] - r["measured"]["ok"] + r["unknown"]
                              + r["unsent"] for r in runs),
            "p99_runs": [r["latency_ms"]["p99"] for r in runs], "cpu": middle["cpu"]}


def measure_postgresql(bench):
    """Everything about orders on PostgreSQL. Returns the running shop, for what is read."""
    bench.new_postgres_database("pgbench", data.PRODUCTS)
    database = bench.copy_postgres_database("http", "pgbench")
    pgbench = Pgbench(bench.postgres, "pgbench", bench.directory, bench.cores)
    shop = bench.open_shop(database)
    bench.fill_caches(shop, SPREAD, bench.plan.fill)
    contenders, connections = probe(bench, pgbench, shop)
    runs = rounds(bench, pgbench, shop, contenders, connections)
    m = bench.measured
    for name, (form, clients) in contenders.items():
        m[f"pgbench_{name}"] = {
            "orders_per_second": statistics.median(runs[f"pgbench_{name}"]),
            "runs": [round(x) for x in runs[f"pgbench_{name}"]], "form": form, "clients": clients}
    for name, products in (("spread", SPREAD), ("hot", HOT)):
        m[name] = summary_of(runs[name])
        if name in bench.plan.open_loops:
            m[f"open_{name}"] = open_loop(bench, shop, name, products,
                                          m[name]["orders_per_second"], connections[name])
    m["statements"] = median_of(runs["spread"], lambda r: r["statements"])
    m["wal_syncs"] = median_of(runs["spread"], lambda r: r["wal_syncs"])
    m["busiest_statements"] = bench.postgres.busiest("http")
    m["sold_out"] = {
        "refusals_per_second": median_of(runs["sold_out"], lambda r: r["answers_per_second"]),
        "cpu": runs["sold_out"][-1]["cpu"]}
    bench.books.check("orders on PostgreSQL", database)
    finish_pgbench(bench, pgbench)
    return shop


def finish_pgbench(bench, pgbench):
    """The contender's books are checked too: it must have done the work."""
    fault = pgbench.faults()
    if fault:
        bench.books.object(fault)
    bench.books.check("pgbench", Database.of_postgres(bench.postgres, pgbench.database))


def measure_sqlite(bench):
    """The same orders on the embedded database."""
    plan, m = bench.plan, bench.measured
    shop = bench.open_shop(bench.new_sqlite_database(data.PRODUCTS))
    bench.fill_caches(shop, SPREAD, plan.fill)
    connections, tried = bench.best_connections("souk on SQLite, spread", shop, SPREAD,
                                                plan.sqlite_connections)
    m["tried_sqlite"] = tried
    runs = {"spread": [], "hot": []}
    for number in range(1, plan.rounds + 1):
        for name, products in (("spread", SPREAD), ("hot", HOT)):
            runs[name].append(bench.orders(f"round {number}, souk on SQLite, {name}", shop,
                                           plan.seconds, plan.warmup, connections, products))
    for name, products in (("spread", SPREAD), ("hot", HOT)):
        m[f"sqlite_{name}"] = summary_of(runs[name])
        if f"sqlite_{name}" in plan.open_loops:
            m[f"sqlite_open_{name}"] = open_loop(
                bench, shop, f"SQLite, {name}", products,
                m[f"sqlite_{name}"]["orders_per_second"], connections)
    bench.books.check("orders on SQLite", shop.database)
    shop.stop()
