"""What stands in the databases before a measurement, by SQL while no server runs on them.

Products have the ids 64, 65, ...: id = counter * 64 + shard, so the shards' id blocks are moved
past them. The n-th customer has the id that souk-load mints a token for, and an order's id belongs
to the shard of its customer.

A product is named after a material and a thing ("Oak Desk 64"), its detail names another pair and
words that all have. What is searched by, `souk migrate` fills in: call it again after the SQL."""
import sqlite3

SHARDS = 64  # the default of actors.shards
USERS = 1_000
PRODUCTS = 10_000
LARGE_PRODUCTS, LARGE_ORDERS = 100_000, 1_000_000
FIRST = 64
PLENTY = 1_000_000_000
NOW = 1_700_000_000_000  # milliseconds since 1970
CART_LINES = 10

MATERIALS = ("Oak", "Ash", "Birch", "Pine", "Walnut", "Cherry", "Maple", "Bamboo", "Rattan", "Cork",
             "Steel", "Brass", "Copper", "Iron", "Silver", "Glass", "Marble", "Slate", "Granite",
             "Clay", "Wool", "Linen", "Cotton", "Silk", "Felt", "Velvet", "Leather", "Canvas",
             "Paper", "Wax")
THINGS = ("Desk", "Chair", "Table", "Shelf", "Lamp", "Bench", "Stool", "Box", "Bowl", "Vase", "Mug",
          "Plate", "Tray", "Basket", "Clock", "Frame", "Mirror", "Rug", "Pillow", "Blanket",
          "Curtain", "Candle", "Knife", "Board", "Pan", "Pot", "Kettle", "Jar", "Bottle", "Bag",
          "Purse", "Belt", "Wallet", "Scarf", "Hat", "Coat", "Boot", "Glove", "Ring", "Brush")
# Category 1 is the root of all, 2 to 11 are below it, each with ten leaves that hold the products.
BRANCHES, LEAVES = 10, 100
LAST_CATEGORY = 1 + BRANCHES + LEAVES

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
    return (f"insert into users (id, username, username_key, email, email_key, password_hash, "
            f"first_name, last_name, full_name, phone, role, disabled, created_at, updated_at, "
            f"version) select {d['uuid'].format('n')}, 'load-' || n, 'load-' || n, "
            f"'load-' || n || '@example.com', 'load-' || n || '@example.com', '!', '', '', '', '', "
            f"0, 0, {NOW}, {NOW}, 1 from {n}")


def word(words, number):
    """An expression for one of the words, by a number; the same in both databases."""
    cases = " ".join(f"when {i} then '{x}'" for i, x in enumerate(words))
    return f"(case ({number}) % {len(words)} {cases} end)"


def categories(d):
    """A tree of three levels."""
    n = d["numbers"].format(1, LAST_CATEGORY)
    parent = (f"case when n = 1 then null when n <= {1 + BRANCHES} then 1 "
              f"else 2 + (n - {2 + BRANCHES}) / {LEAVES // BRANCHES} end")
    return [f"insert into category (id, parent_id, name, created_at, updated_at, version) "
            f"select n, {parent}, 'Category ' || n, {NOW}, {NOW}, 1 from {n} order by n"]


def catalog(d, products):
    """Products with plenty of stock, the last one without any."""
    n = d["numbers"].format(FIRST, sold_out(products))
    name = f"{word(MATERIALS, 'n')} || ' ' || {word(THINGS, f'n / {len(MATERIALS)}')} || ' ' || n"
    detail = ("'A product of the benchmark, in as many words as a shop would use for it: made of '"
              f" || {word(MATERIALS, 'n / 7')} || ', to go with a ' || {word(THINGS, 'n / 11')}"
              " || ', easy to care for.'")
    quantity = f"case when n = {sold_out(products)} then 0 else {PLENTY} end"
    return [
        *categories(d),
        f"insert into product (id, external_id, name, price, detail, category_id, deleted, "
        f"created_at, updated_at, version) select n, null, {name}, 100 + n * 7919 % 9900, "
        f"{detail}, {2 + BRANCHES} + n % {LEAVES}, 0, {NOW} + n, {NOW} + n, 1 from {n}",
        f"insert into stock (product_id, quantity, version, updated_at) "
        f"select n, {quantity}, 1, {NOW} from {n}",
        f"insert into stock_movement (product_id, delta, reason, order_id, created_at) "
        f"select n, {quantity}, 'created', null, {NOW} from {n}",
        blocks(d, 1, sold_out(products) // SHARDS),
    ]


def write_csv(path, products):
    """What `souk import products` reads."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("external_id,name,price,quantity,detail,category\n")
        for n in range(products):
            material, thing = MATERIALS[n % len(MATERIALS)], THINGS[n // len(MATERIALS) % len(THINGS)]
            leaf = n % LEAVES
            out.write(f'p-{n},{material} {thing} {n},{1 + n % 99}.{n % 100:02},{n % 100},"A product '
                      f'of the benchmark, in as many words as a shop would use for it: made of '
                      f'{material}, to go with a {thing}, easy to care for.",'
                      f'Branch {leaf // (LEAVES // BRANCHES)}/Leaf {leaf}\n')


def carts(products):
    """PostgreSQL: each customer's cart, of ten products."""
    d = DIALECTS["postgresql"]
    n = d["numbers"].format(1, USERS)
    product = f"{FIRST} + (n * 131 + i * 977) % {products}"
    return [f"insert into cart (user_id, lines, updated_at, version) select "
            f"{d['uuid'].format('n')}, (select json_agg(json_build_object('product_id', {product}, "
            f"'quantity', 1, 'seen_price', 100)) from generate_series(1, {CART_LINES}) as t (i)), "
            f"{NOW}, 1 from {n}"]


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
        f"'[' || {first} || ',' || {second} || ']', 2, "
        f"200 + {one} % 9900 + {other} % 9900, 'USD', null, '', {NOW} + n, {NOW} + n, 4 from {n}",
        f"insert into order_time select {NOW} + n, array[{order_id}] from {n}",
        movement.format(product=one),
        movement.format(product=other),
        f"insert into event (kind, subject, payload, created_at) select 'order_placed', "
        f"'order:' || {order_id}, '{{\"order_id\":' || {order_id} || '}}', {NOW} + n "
        f"from {n}",
        "update stock set quantity = quantity + sold.delta, version = version + 1 from (select "
        "product_id, sum(delta) as delta from stock_movement where order_id is not null "
        "group by product_id) as sold where sold.product_id = stock.product_id",
        # Whoever confirms orders has dealt with these.
        "insert into event_reader select 'clerk', max(xid::text::bigint), max(id) "
        "from event",
        blocks(d, 3, orders),
    ]


def fill_postgresql(postgres, database, products, orders=0):
    """`souk migrate` and `vacuum analyze` are to follow."""
    d = DIALECTS["postgresql"]
    statements = [customers(d), *catalog(d, products)]
    if orders:
        statements += [*carts(products), *past_orders(products, orders)]
    for statement in statements:
        postgres.sql(database, statement)


def fill_sqlite(path, products):
    d = DIALECTS["sqlite"]
    db = sqlite3.connect(path)
    with db:
        for statement in [customers(d), *catalog(d, products)]:
            db.execute(statement)
    db.close()
