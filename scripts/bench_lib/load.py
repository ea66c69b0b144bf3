"""Runs souk-load and reads its summary."""
import json
import subprocess

from .processes import BenchError
from .server import SECRET


class Load:
    """The load generator with what all measurements share."""

    def __init__(self, binary, directory, users):
        self.binary, self.directory, self.users = binary, directory, users

    def run(self, target, seconds, warmup, *options):
        """One load to its end; returns the summary that souk-load writes as JSON."""
        summary = self.directory / "load.json"
        summary.unlink(missing_ok=True)
        done = subprocess.run(
            [str(self.binary), "--target", target, "--duration", f"{seconds}s",
             "--warmup", f"{warmup}s", "--json", str(summary), *[str(x) for x in options]],
            capture_output=True, text=True, check=False)
        if not summary.exists():
            raise BenchError("souk-load: " + (done.stderr.strip() or f"exit {done.returncode}"))
        result = json.loads(summary.read_text())
        result["unknown"] = sum(result["all"]["failures"][x] for x in
                                ("closed", "timeout", "unusable")) + result["unanswered"]
        return result

    def orders(self, target, seconds, warmup, connections, products, lines, *options):
        """Orders by minted tokens. `products`: (first, last), or one product's id for one line."""
        what = ["--hot", products] if isinstance(products, int) else \
            ["--product-ids", f"{products[0]}-{products[1]}", "--lines", lines]
        return self.run(target, seconds, warmup, "--scenario", "orders", "--users", self.users,
                        "--secret", SECRET, "--connections", connections, *what, *options)

    def gets(self, target, seconds, warmup, connections, rate, targets, own):
        """An open loop over targets. `own`: each as one of the customers, with a minted token."""
        path = self.directory / "targets.txt"
        path.write_text("".join(f"{x}\n" for x in targets))
        tokens = ["--users", self.users, "--secret", SECRET] if own else []
        return self.run(target, seconds, warmup, "--scenario", "get", "--targets", path, "--rate",
                        rate, "--poisson", "--connections", connections, *tokens)

    def reads(self, target, seconds, warmup, connections, products):
        return self.run(target, seconds, warmup, "--scenario", "product-read", "--connections",
                        connections, "--product-ids", f"{products[0]}-{products[1]}")
