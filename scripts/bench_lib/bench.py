"""What all measurements of one run share."""
import os
import statistics
import time

from . import data
from .books import Books
from .load import Load
from .processes import say, wait_until
from .server import Database, Shop, migrate


class Bench:
    """The programs, the directory, the private PostgreSQL, the books, and what was measured so far.

    `measured` is what --json writes; its keys are what table.py reads."""

    def __init__(self, root, directory, postgres, plan, settings, stack):
        self.souk = root / "build" / "souk"
        self.directory, self.postgres, self.plan = directory, postgres, plan
        self.settings, self.stack = settings, stack
        self.load = Load(root / "build" / "souk-load", directory, data.USERS)
        self.books = Books(self.souk, directory)
        self.measured = {}
        self.cores = os.cpu_count()

    def new_empty_database(self, name):
        self.postgres.create(name)
        database = Database.of_postgres(self.postgres, name)
        migrate(self.souk, database, self.directory)
        return database

    def new_postgres_database(self, name, products, orders=0):
        database = self.new_empty_database(name)
        data.fill_postgresql(self.postgres, name, products, orders)
        migrate(self.souk, database, self.directory)  # what products are searched and sorted by
        self.postgres.sql(name, "vacuum analyze")
        return database

    def copy_postgres_database(self, name, of):
        """The same once more: sooner done than filled."""
        self.postgres.create(name, of)
        return Database.of_postgres(self.postgres, name)

    def new_sqlite_database(self, products):
        path = self.directory / "souk.db"
        database = Database.of_sqlite(path)
        migrate(self.souk, database, self.directory)
        data.fill_sqlite(path, products)
        migrate(self.souk, database, self.directory)
        return database

    def open_shop(self, database):
        """Starts a server; it is stopped by `close_shop`, at the latest when the bench ends."""
        shop = Shop(self.souk, database, self.directory, self.settings)
        self.stack.callback(shop.process.stop)
        return shop

    def checkpoint(self):
        self.postgres.checkpoint()

    def settle(self, shop):
        """Waits until the background has dealt with all orders, so that no one else's turn pays for
        them. Returns the seconds that it took, with up to one more until that is noted."""
        begin = time.monotonic()
        wait_until(lambda: shop.database.waiting() == 0, 300, "the confirmation of the orders",
                   shop.process, step=0.1)
        return time.monotonic() - begin

    def orders(self, label, shop, seconds, warmup, connections, products, *options,
               lines=2, thorough=True):
        """Orders over HTTP, with the books checked afterwards. Adds the shares of all cores' time
        that the server, PostgreSQL and the load generator took."""
        def run():
            begin, shop_cpu = time.monotonic(), shop.process.cpu_seconds()
            database_cpu = self.postgres.process.cpu_seconds()
            out = self.load.orders(shop.target, seconds, warmup, connections, products, lines,
                                   *options)
            available = (time.monotonic() - begin) * self.cores
            used = {"souk": shop.process.cpu_seconds() - shop_cpu,
                    "postgres": self.postgres.process.cpu_seconds() - database_cpu,
                    "souk-load": out["cpu_seconds"]}
            out["cpu"] = {name: max(0, seconds) / available for name, seconds in used.items()}
            out["settled_after"] = self.settle(shop)
            return out
        self.checkpoint()
        result = self.books.watch(label, shop.database, run, thorough and self.plan.check_each)
        say(f"{label}: {result['ok_per_second']:,.0f} orders/s, "
            f"{result['answers_per_second']:,.0f} answers/s, {connections} connections, "
            f"p99 {result['latency_ms']['p99']:.1f} ms, "
            f"all confirmed {result['settled_after']:.1f} s later"
            + (f", statuses {result['measured']['statuses']}"
               if result["measured"]["answers"] != result["measured"]["ok"] else ""))
        return result

    def fill_caches(self, shop, products, seconds):
        """Orders of 100 lines: a shop that has run for a while knows its products."""
        self.orders("orders of 100 lines, to begin with", shop, seconds, 0, 16, products, lines=100,
                    thorough=False)

    def best_connections(self, label, shop, products, counts):
        """The number of connections with which most orders are placed, and what was tried: each
        twice, there and back, since the machine does not stay as fast as it was."""
        if len(counts) == 1:
            return counts[0], {}
        tried = dict.fromkeys(counts, 0)
        for n in (*counts, *reversed(counts)):
            tried[n] += self.orders(f"{label}, a try", shop, self.plan.probe, self.plan.warmup, n,
                                    products, thorough=False)["ok_per_second"] / 2
        return max(tried, key=tried.get), {str(n): round(rate) for n, rate in tried.items()}


def median_of(results, read):
    """The median of what `read` finds in each result."""
    return statistics.median(read(r) for r in results)


def median_run(results, read):
    """The result that stands in the middle."""
    return sorted(results, key=read)[len(results) // 2]
