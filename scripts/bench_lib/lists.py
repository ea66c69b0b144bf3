"""Lists, searches and carts of the large database, at a steady rate; how fast an import is."""
import json
import random
import time

from . import data
from .bench import median_of
from .processes import BenchError, run, say
from .server import ADMIN_PASSWORD, clean_environment, customer_token

RATE = 200  # requests a second
CONNECTIONS = 16
PAGE = 100
COMMON = ("product", "benchmark")  # every detail has these words


def filtered_pages():
    """First pages of all leaves and branches of the tree, in all orders, and by price and stock."""
    leaves = range(2 + data.BRANCHES, data.LAST_CATEGORY + 1)
    branches = range(2, 2 + data.BRANCHES)
    for number, category in enumerate([*leaves, *branches]):
        sort = ("", "&sort=name", "&sort=-price", "&sort=-created_at")[number % 4]
        yield f"/api/v1/products?category={category}{sort}"
    for number, category in enumerate(branches):
        sort = ("", "&sort=-name", "&sort=price")[number % 3]
        yield f"/api/v1/products?category={category}&in_stock=true&min_price=10&max_price=80{sort}"
    for low in range(1, 90, 3):
        yield f"/api/v1/products?min_price={low}&max_price={low + 2}"
        yield f"/api/v1/products?in_stock=true&min_price={low}&sort=-price"


def searches(chosen):
    """Two words that stand in names, or also in details; a tenth with words that all have."""
    for _ in range(270):
        yield f"{chosen.choice(data.MATERIALS)}+{chosen.choice(data.THINGS)}"
    for word in chosen.sample(data.MATERIALS, 14) + chosen.sample(data.THINGS, 15):
        yield f"{word}+{chosen.choice(COMMON)}"
    yield "+".join(COMMON)


def page_of(shop, target, token=None):
    """The answer's JSON, and the target of the page after it (None: there is none)."""
    status, headers, body = shop.get(target, token)
    if status != 200:
        raise BenchError(f"GET {target} answered {status}: {body[:200]!r}")
    link = headers.get("Link", "")
    return json.loads(body), link[link.index("<") + 1:link.index(">")] if 'rel="next"' in link \
        else None


def filter_targets(shop):
    """The filtered pages that are full, and the pages after them."""
    out = []
    for target in filtered_pages():
        page, after = page_of(shop, target)
        if len(page) != PAGE:
            raise BenchError(f"GET {target}: {len(page)} products, and a page has {PAGE}")
        out += [target, after] if after else [target]
    return out


def search_targets(shop):
    out = [f"/api/v1/products?q={words.lower()}" for words in searches(random.Random(1))]
    for target in out:
        if not page_of(shop, target)[0]:
            raise BenchError(f"GET {target} found nothing")
    return out


def own_targets(shop, path, count_of):
    """One target for every customer; checked for one of them."""
    found = count_of(page_of(shop, path, customer_token(1))[0])
    if found[0] != found[1]:
        raise BenchError(f"GET {path}: {found[0]} instead of {found[1]}")
    return [path]


def measure_lists(bench, shop):
    """p99 at a steady rate, each kind by itself, the rounds by turns."""
    kinds = {
        "filter": (filter_targets(shop), False),
        "search": (search_targets(shop), False),
        "orders": (own_targets(shop, "/api/v1/orders", lambda x: (len(x), PAGE)), True),
        "cart": (own_targets(shop, "/api/v1/cart",
                             lambda x: (len(x["items"]), data.CART_LINES)), True),
    }
    runs = {name: [] for name in kinds}
    for number in range(1, bench.plan.rounds + 1):
        for name, (targets, own) in kinds.items():
            result = bench.load.gets(shop.target, bench.plan.seconds, bench.plan.warmup,
                                     CONNECTIONS, RATE, targets, own)
            if result["measured"]["answers"] != result["measured"]["ok"] or result["unknown"] \
                    or result["unsent"]:
                raise BenchError(f"not every {name} was answered 200: {result['all']}")
            say(f"round {number}, {name} at {RATE}/s: p50 {result['latency_ms']['p50']:.2f} ms, "
                f"p99 {result['latency_ms']['p99']:.2f} ms")
            runs[name].append(result)
    bench.measured["lists"] = {
        name: {"rate": RATE, "targets": len(kinds[name][0]),
               "p50": median_of(r, lambda x: x["latency_ms"]["p50"]),
               "p99": median_of(r, lambda x: x["latency_ms"]["p99"]),
               "p99_runs": [x["latency_ms"]["p99"] for x in r]} for name, r in runs.items()}


def measure_import(bench):
    """`souk import products` of a CSV file into an empty shop on PostgreSQL."""
    count = bench.plan.imported
    path = bench.directory / "products.csv"
    data.write_csv(path, count)
    shop = bench.open_shop(bench.new_empty_database("import"))
    begin = time.monotonic()
    run([bench.souk, "import", "products", path, "--url", shop.target, "--username", "admin",
         "--password", ADMIN_PASSWORD], cwd=bench.directory, env=clean_environment())
    seconds = time.monotonic() - begin
    there = bench.postgres.number("import", "select count(*) from product join stock "
                                  "on product_id = product.id where sort_key is not null")
    if there != count:
        bench.books.object(f"import: {there} of {count} products are there")
    bench.books.check("the import", shop.database)
    shop.stop()
    say(f"import of {count:,} products: {seconds:.1f} s, {count / seconds:,.0f}/s")
    bench.measured["import"] = {"seconds": seconds, "products": count}
