"""The table of the design's part 8, filled in."""
from dataclasses import dataclass


@dataclass
class Row:
    figure: str
    measured: str
    against: str
    value: float           # what the targets are about
    shown: str
    first: float = None    # None: no target
    then: float = None     # None: there is one target only
    higher: bool = True    # is better
    valid: bool = True     # False: not what the target is about, so it reaches nothing

    def reached(self):
        if self.first is None:
            return ""
        if not self.valid:
            return "not valid"
        good = (lambda target: self.value >= target) if self.higher else \
            (lambda target: self.value <= target)
        if self.then is None:
            return "yes" if good(self.first) else "MISSED"
        return "then" if good(self.then) else "first" if good(self.first) else "MISSED"


def rate(x):
    return f"{x:,.0f}/s"


def ratio_row(figure, ours, theirs, against, first=None, then=None):
    ratio = ours / theirs if theirs else 0
    return Row(figure, rate(ours), f"{against} {rate(theirs)}", ratio, f"{ratio:.2f}", first, then)


def pgbench_row(figure, ours, theirs, first=None, then=None):
    return ratio_row(figure, ours["orders_per_second"], theirs["orders_per_second"],
                     f"pgbench ({theirs['form']}, {theirs['clients']} clients)", first, then)


def order_rows(m, prefix, where, targets):
    """`targets`: whether the design names any for this database."""
    for name, text, first, then in (("spread", "two lines of 10,000 products", 1.5, 3.5),
                                    ("hot", "one line of ONE product", 6, 12)):
        ours, theirs = m.get(f"{prefix}{name}"), m.get(f"pgbench_{name}")
        if not ours:
            continue
        label = f"durable orders over HTTP, {where}: {text}"
        if theirs:
            yield pgbench_row(label, ours, theirs, *((first, then) if targets else ()))
        else:
            yield Row(label, rate(ours["orders_per_second"]), "", 0, "")
        same = m.get(f"pgbench_{name}_same")
        if same and targets:
            yield pgbench_row("the same, against the transaction of two lines", ours, same)
    for name in ("spread", "hot"):
        x = m.get(f"{prefix}open_{name}")
        if x:
            p99 = x["latency_ms"]["p99"]
            lost = f", {x['not_placed']} NOT PLACED" if x["not_placed"] else ""
            yield Row(f"p99 at 70 % of that rate, open loop, {where}, {name}", f"{p99:.1f} ms",
                      f"at {rate(x['rate'])}, p50 {x['latency_ms']['p50']:.1f} ms{lost}", p99, "",
                      *((100, 25) if targets else ()), higher=False, valid=not lost)


LISTS = {
    "filter": "a page of 100 products with a filter",
    "search": "a search of two words",
    "orders": "a customer's list of orders",
    "cart": "a customer's cart",
}


def list_rows(m):
    for name, text in LISTS.items():
        x = m.get("lists", {}).get(name)
        if x:
            yield Row(f"p99 at {x['rate']}/s, open loop, large database: {text}",
                      f"{x['p99']:.1f} ms", f"p50 {x['p50']:.1f} ms, {x['targets']} requests",
                      x["p99"], "", 10, higher=False)


def size_of(x):
    return f"{x['products']:,} products, {x['past_orders']:,} orders"


def rows(m, full):
    """`full`: memory and start-up were measured on the large database, which their targets mean."""
    out = list(order_rows(m, "", "PostgreSQL", True))
    if "reads" in m:
        r = m["reads"]
        out.append(ratio_row("product read over HTTP", r["souk"], r["nginx"],
                             "nginx, one worker, the same bytes", 0.4, 0.8))
    out += list_rows(m)
    if "import" in m:
        x = m["import"]
        out.append(Row("souk import products, a CSV file", f"{x['seconds']:.1f} s",
                       f"{x['products']:,} products, {rate(x['products'] / x['seconds'])}",
                       x["seconds"], "", 60, higher=False, valid=x["products"] >= 100_000))
    for key, figure, first, then in (("statements", "SQL statements an order", 1, 0.1),
                                     ("wal_syncs", "WAL syncs an order", 0.2, 0.02)):
        if key in m:
            out.append(Row(figure, f"{m[key]:.3f}", "at saturation, spread", m[key], "",
                           first, then, higher=False))
    if "memory" in m:
        x = m["memory"]
        out.append(Row("resident memory", f"{x['resident_mib']:.0f} MiB",
                       f"{size_of(x)}; highest {x['highest_mib']:.0f} MiB", x["resident_mib"], "",
                       *((300, 150) if full else ()), higher=False))
    if "start" in m:
        x = m["start"]
        out.append(Row("ready after a start", f"{x['seconds']:.2f} s", size_of(x), x["seconds"],
                       "", *((3, 1) if full else ()), higher=False))
    if "sold_out" in m:
        out.append(ratio_row("sold out: refusals", m["sold_out"]["refusals_per_second"],
                             m["hot"]["orders_per_second"], "placed, hot", 1.5, 3))
    out += order_rows(m, "sqlite_", "SQLite", False)
    return out


def number(x):
    return "" if x is None else f"{x:g}"


def text_of(table):
    """As Markdown, with the columns aligned."""
    head = ["figure", "measured", "against / with", "ratio", "first", "then", "reached"]
    cells = [head] + [[r.figure, r.measured, r.against, r.shown, number(r.first), number(r.then),
                       r.reached()] for r in table]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def cpu_lines(m):
    """Who used the cores: the first hint at what bounds a figure."""
    for key in ("spread", "hot", "open_spread", "sold_out", "sqlite_spread", "sqlite_hot"):
        cpu = m.get(key, {}).get("cpu")
        if cpu:
            yield f"{key}: " + ", ".join(f"{name} {share:.0%}" for name, share in cpu.items())
