"""The contender: PostgreSQL by itself, an order as ONE transaction that writes the rows that Souk
writes (order with its lines, stock, movements, event) into the same tables.

There are two forms of it, and the faster one at its best client count is what the targets are about:
the whole as one statement, which takes one round trip, and five statements, the rows of the stock
last, which lock these for the shortest time. If the two rows of the table have different ones, the
hot product is measured against the transaction of two lines besides, since a shop has one.

Both are prepared, lock products in ascending order, and are spared what Souk does besides: prices
and names are not read, tokens not checked, no JSON comes or goes. Both contenders connect by TCP on
loopback."""
import re
import subprocess

from . import data
from .processes import BenchError
from .postgres import BIN

NOW = data.NOW
CUSTOMER = data.DIALECTS["postgresql"]["uuid"].format(":u::int")
TWO_PRODUCTS = """\\set a random({first}, {last})
\\set b random({first}, {last} - 1)
\\set b :b + (case when :b >= :a then 1 else 0 end)
\\set p least(:a, :b)
\\set q greatest(:a, :b)
"""


def order_row(products):
    """The select that makes the order's row of `id`."""
    lines = " || ',' || ".join(
        f"'{{\"id\":' || id * 128 + {i} || ',\"product_id\":' || {p} || "
        f"',\"name\":\"Product\",\"price\":1999,\"quantity\":1}}'"
        for i, p in enumerate(products, 1))
    n = len(products)
    return (f"insert into orders select id, {CUSTOMER}, 0, 0, '[' || {lines} || ']', {n}, "
            f"{1999 * n}, 'USD', null, '', {NOW}, {NOW}, 1 "
            f"from (select nextval('bench_order') * {data.SHARDS} as id) as x returning id")


def update(product):
    return (f"update stock set quantity = quantity - 1, version = version + 1, updated_at = {NOW} "
            f"where product_id = {product} and quantity >= 1;\n")


def as_transaction(products):
    movements = ", ".join(f"({p}, -1, 'order', :order_id, {NOW})" for p in products)
    return ("begin;\n" + order_row(products) + " as order_id \\gset\n"
            + "insert into stock_movement (product_id, delta, reason, order_id, created_at) "
              f"values {movements};\n"
            + "insert into event (kind, subject, payload, created_at) values ('order_placed', "
              "'order:' || :order_id, '{\"order_id\":' || :order_id || '}', "
            + f"{NOW});\n" + "".join(update(p) for p in products) + "commit;\n")


def as_statement(products):
    values = ", ".join(f"({p}::bigint)" for p in products)
    return (f"with new as ({order_row(products)}), "
            f"m as (insert into stock_movement (product_id, delta, reason, order_id, created_at) "
            f"select p, -1, 'order', new.id, {NOW} from new, (values {values}) as v (p)), "
            f"e as (insert into event (kind, subject, payload, created_at) select 'order_placed', "
            f"'order:' || id, '{{\"order_id\":' || id || '}}', {NOW} from new), "
            f"s as (select product_id from stock where product_id in ({', '.join(products)}) "
            f"order by product_id for update) "
            f"update stock set quantity = quantity - 1, version = version + 1, updated_at = {NOW} "
            f"from s where stock.product_id = s.product_id and quantity >= 1;\n")


FORMS = {"one statement": as_statement, "five statements": as_transaction}


class Pgbench:
    """pgbench on a database that `souk migrate` has made and `data` has filled."""

    def __init__(self, postgres, database, directory, threads):
        self.postgres, self.database, self.threads = postgres, database, threads
        self.directory, self.transactions = directory, 0
        postgres.sql(database, "create sequence bench_order")
        postgres.sql(database, "alter sequence event_block cache 512")  # as it would be for it
        # One by one, orders are listed by time for less with an index than with rows of order_time.
        postgres.sql(database, "create index orders_created on orders (created_at, id)")

    def write_script(self, form, products):
        """`products`: (first, last) for two of them, or one id."""
        head = f"\\set u random(1, {data.USERS})\n"
        if isinstance(products, int):
            text = head + FORMS[form]([str(products)])
        else:
            text = TWO_PRODUCTS.format(first=products[0], last=products[1]) + head \
                + FORMS[form]([":p", ":q"])
        path = self.directory / "order.pgbench"
        path.write_text(text)
        return path

    def run(self, form, products, clients, seconds):
        """Orders a second."""
        script = self.write_script(form, products)
        done = subprocess.run(
            [f"{BIN}/pgbench", "-n", "-M", "prepared", "-f", str(script), "-c", str(clients),
             "-j", str(min(clients, self.threads)), "-T", str(seconds),
             self.postgres.url(self.database)],
            capture_output=True, text=True, check=False)
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        count = re.search(r"actually processed: (\d+)", done.stdout)
        failed = re.search(r"failed transactions: (\d+)", done.stdout)
        if done.returncode != 0 or not rate or not count or not failed or int(failed[1]) > 0:
            raise BenchError("pgbench: " + (done.stderr.strip() or done.stdout.strip())[-500:])
        self.transactions += int(count[1])
        return float(rate[1])

    def best(self, products, client_counts, seconds, forms):
        """The fastest (form, clients), and every rate that was tried."""
        choices = [(form, clients) for form in forms for clients in client_counts]
        if len(choices) == 1:
            return choices[0], {}
        tried = {choice: self.run(choice[0], products, choice[1], seconds) for choice in choices}
        return max(tried, key=tried.get), {f"{f}, {c} clients": round(r)
                                           for (f, c), r in tried.items()}

    def faults(self):
        """pgbench's own books: every transaction is an order, and every unit is accounted for."""
        orders = self.postgres.number(self.database, "select count(*) from orders")
        if orders != self.transactions:
            return f"pgbench counted {self.transactions} transactions, {orders} orders are there"
        self.postgres.sql(self.database, "insert into order_time "
                          "select created_at, array[id] from orders")  # `souk check` asks for them
        return ""
