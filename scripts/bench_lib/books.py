"""After every load: are the orders that were answered 2xx the orders that are in the database, and
does every product's count add up?"""
from . import server
from .processes import say


class Books:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        self.faults, self.loads = [], 0

    def watch(self, label, database, load, thorough=True):
        """Runs `load`, which returns souk-load's summary, and compares. `thorough`: also every
        product's count, which takes a while; a try before the measurement goes without."""
        before = database.count()
        result = load()
        placed, counted = database.count() - before, placed_orders(result)
        self.loads += 1
        # A request without an answer may have placed its order or not.
        if not counted <= placed <= counted + result["unknown"]:
            self.object(f"{label}: {placed} orders placed in the database, {counted} answered 2xx, "
                        f"{result['unknown']} without an answer")
        if thorough:
            self.check(label, database)
        return result

    def check(self, label, database):
        found = server.check(self.binary, database, self.directory)
        if found:
            self.object(f"{label}: {found}")

    def object(self, text):
        say("THE BOOKS DO NOT BALANCE: " + text)
        self.faults.append(text)


def placed_orders(result):
    """Orders answered 201 in the whole run, warm-up and drain included."""
    if result["scenario"] not in ("orders", "mixed"):
        return 0
    return result["all"]["statuses"].get("201", 0)
