"""What stands in the databases before a measurement, by SQL while no server runs on them.

Products have the ids 64, 65, ...: id = counter * 64 + shard, so the shards' id blocks are moved
past them. The n-th customer has the id that souk-load mints a token for, and an order's id belongs
to the shard of its customer."""
import sqlite3

SHARDS = 64  # the default of actors.shards
USERS = 1_000
PRODUCTS = 10_000
LARGE_PRODUCTS, LARGE_ORDERS = 100_000, 1_000_000
FIRST = 64
PLENTY = 1_000_000_000
NOW = 1_700_000_000_000  # milliseconds since 1970

# The same statements for both databases, but for these words.
DIALECTS = {
    "postgresql": {
        "uuid": "('01900000-0000-7000-8000-' || lpad(to_hex({0}), 12, '0'))::uuid",
        "numbers": "generate_series({0}, {1}) as t (n)",
        "greatest": "greatest",
    },
    "sqlite": {
        "uuid": "'01900000-0000-7000-8000-' || printf('%012x', {0})",
        "numbers": "(with recursive c (n) as (select {0} union all select n + 1 from c "
                   "where n < {1}) select n from c) as t",
        "greatest": "max",
    },
}


def last(products):
    return FIRST + products - 1


def hot(products):
    """The one product of the hot measurement."""
    return last(products) + 1


def sold_out(products):
    """The product without stock."""
    return last(products) + 2


def blocks(d, domain, counter):
    """No shard of the domain hands out a counter up to this one."""
    return (f"insert into id_block (domain, shard, next) select {domain}, n, {counter + 1} "
            f"from {d['numbers'].format(0, SHARDS - 1)} where true "
            f"on conflict (domain, shard) do update set "
            f"next = {d['greatest']}(id_block.next, excluded.next)")


def customers(d):
    n = d["numbers"].format(1, USERS)
    return (f"insert into users select {d['uuid'].format('n')}, 'load-' || n, 'load-' || n, "
            f"'load-' || n || '@example.com', 'load-' || n || '@example.com', '!', '', '', '', '', "
            f"0, 0, {NOW}, {NOW}, 1 from {n}")


def catalog(d, products):
    """Products with plenty of stock, the last one without any."""
    n = d["numbers"].format(FIRST, sold_out(products))
    quantity = f"case when n = {sold_out(products)} then 0 else {PLENTY} end"
    return [
        f"insert into product (id, external_id, name, price, detail, category_id, deleted, "
        f"created_at, updated_at, version) select n, null, 'Product ' || n, 100 + n % 9900, "
        f"'A product of the benchmark, described in about as many words as a shop would use for "
        f"it: what it is made of, what it is for, and how it is cared for.', null, 0, {NOW}, "
        f"{NOW}, 1 from {n}",
        f"insert into stock (product_id, quantity, version, updated_at) "
        f"select n, {quantity}, 1, {NOW} from {n}",
        f"insert into stock_movement (product_id, delta, reason, order_id, created_at) "
        f"select n, {quantity}, 'created', null, {NOW} from {n}",
        blocks(d, 1, sold_out(products) // SHARDS),
    ]


def past_orders(products, orders):
    """PostgreSQL: delivered orders of two lines with their movements and events. The n-th one is
    of customer n % USERS + 1, whose shard is that number's remainder; n + 1 is the id's counter."""
    d = DIALECTS["postgresql"]
    n = d["numbers"].format(0, orders - 1)
    customer = f"(n % {USERS} + 1)"
    order_id = f"((n + 1)::bigint * {SHARDS} + {customer} % {SHARDS})"
    one = f"({FIRST} + n % {products})"
    other = f"({FIRST} + (n + {products // 2}) % {products})"
    line = ("'{{\"id\":' || {id} * 128 + {position} || ',\"product_id\":' || {product} || "
            "',\"name\":\"Product ' || {product} || '\",\"price\":' || 100 + {product} % 9900 || "
            "',\"quantity\":1}}'")
    first = line.format(id=order_id, position=1, product=one)
    second = line.format(id=order_id, position=2, product=other)
    movement = (f"insert into stock_movement (product_id, delta, reason, order_id, created_at) "
                f"select {{product}}, -1, 'order', {order_id}, {NOW} from {n}")
    return [
        f"insert into orders select {order_id}, {d['uuid'].format(customer)}, 4, 0, "
        f"('[' || {first} || ',' || {second} || ']')::json, 2, "
        f"200 + {one} % 9900 + {other} % 9900, 'USD', null, '', {NOW} + n, {NOW} + n, 4 from {n}",
        movement.format(product=one),
        movement.format(product=other),
        f"insert into event (kind, subject, payload, created_at) select 'order_placed', "
        f"'order:' || {order_id}, ('{{\"order_id\":' || {order_id} || '}}')::json, {NOW} + n "
        f"from {n}",
        "update stock set quantity = quantity + sold.delta, version = version + 1 from (select "
        "product_id, sum(delta) as delta from stock_movement where order_id is not null "
        "group by product_id) as sold where sold.product_id = stock.product_id",
        blocks(d, 3, orders),
    ]


def fill_postgresql(postgres, database, products, orders=0):
    d = DIALECTS["postgresql"]
    statements = [customers(d), *catalog(d, products)]
    if orders:
        statements += past_orders(products, orders)
    for statement in statements:
        postgres.sql(database, statement)
    postgres.sql(database, "vacuum analyze")


def fill_sqlite(path, products):
    d = DIALECTS["sqlite"]
    db = sqlite3.connect(path)
    with db:
        for statement in [customers(d), *catalog(d, products)]:
            db.execute(statement)
    db.close()
