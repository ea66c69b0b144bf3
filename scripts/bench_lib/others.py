"""Reads against nginx; memory and start-up."""
from . import data
from .bench import median_of
from .lists import measure_lists
from .nginx import Nginx
from .processes import BenchError, say

READ_CONNECTIONS = 64
STARTS = 3


def answer_rate(result):
    return result["answers_per_second"]


def measure_reads(bench, shop):
    """A product over HTTP and the same bytes from nginx, by turns, by the same load generator."""
    plan = bench.plan
    products = (data.FIRST, data.FIRST + plan.pages - 1)
    nginx = Nginx(shop, bench.directory, *products)
    bench.stack.callback(nginx.stop)
    runs = {"nginx": [], "souk": []}
    for number in range(1, plan.rounds + 1):
        for name, target in (("nginx", nginx.target), ("souk", shop.target)):
            result = bench.load.reads(target, plan.seconds, plan.warmup, READ_CONNECTIONS, products)
            if result["measured"]["answers"] != result["measured"]["ok"] or result["unknown"]:
                raise BenchError(f"not every read from {name} was answered 200: {result['all']}")
            say(f"round {number}, reads, {name}: {answer_rate(result):,.0f}/s, "
                f"p99 {result['latency_ms']['p99']:.2f} ms")
            runs[name].append(result)
    bench.measured["reads"] = {name: median_of(r, answer_rate) for name, r in runs.items()}
    bench.measured["reads"]["connections"] = READ_CONNECTIONS
    nginx.stop()


def measure_memory(bench, shop, products, orders):
    now, highest = shop.process.memory()
    bench.measured["memory"] = {"resident_mib": now, "highest_mib": highest, "products": products,
                                "past_orders": orders}


def measure_start(bench, database, products, orders, starts):
    """Seconds from the start of the process to the first 200 of /readyz. Returns the last shop."""
    took = []
    for number in range(starts):
        shop = bench.open_shop(database)
        took.append(shop.ready_after)
        if number + 1 < starts:
            shop.stop()
    took.sort()
    bench.measured["start"] = {"seconds": took[len(took) // 2], "runs": took,
                               "products": products, "past_orders": orders}
    say(f"ready after {bench.measured['start']['seconds']:.2f} s")
    return shop


def measure_small(bench, shop):
    """Memory and start-up on the database that the orders were measured on."""
    orders = shop.database.count()
    measure_memory(bench, shop, data.PRODUCTS, orders)
    shop.stop()
    measure_start(bench, shop.database, data.PRODUCTS, orders, 1).stop()


def measure_large(bench):
    """Memory and start-up with a large database: after orders and reads all over it."""
    products, orders, plan = data.LARGE_PRODUCTS, data.LARGE_ORDERS, bench.plan
    say(f"filling a database with {products:,} products and {orders:,} orders (a minute or two)")
    database = bench.new_postgres_database("large", products, orders)
    bench.checkpoint()
    bench.books.check("the large database", database)
    shop = measure_start(bench, database, products, orders, STARTS)
    every = (data.FIRST, data.last(products))
    measure_lists(bench, shop)
    bench.load.reads(shop.target, plan.seconds, plan.warmup, READ_CONNECTIONS, every)
    bench.fill_caches(shop, every, plan.fill)
    result = bench.orders("large database, spread", shop, plan.seconds, plan.warmup,
                          bench.measured.get("spread", {}).get("connections", 256), every)
    bench.books.check("the large database after orders", database)
    measure_memory(bench, shop, products, orders)
    bench.measured["large_orders_per_second"] = result["ok_per_second"]
    shop.stop()
