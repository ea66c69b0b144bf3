"""`souk serve` on a database of the bench, and `souk check` on its books."""
import http.client
import os
import signal
import sqlite3
import subprocess
import time

from .processes import BenchError, Process, free_port, run, wait_until

SECRET = "a-secret-of-the-benchmark-only-0123456789abcdef"


def clean_environment():
    """No setting of the caller's own reaches the server."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SOUK_")}


class Database:
    """Where a server keeps its shop: a URL, and how to count the orders in it."""

    def __init__(self, url, count):
        self.url, self.count = url, count

    @classmethod
    def of_postgres(cls, postgres, name):
        return cls(postgres.url(name),
                   lambda: postgres.number(name, "select count(*) from orders"))

    @classmethod
    def of_sqlite(cls, path):
        def count():
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            try:
                return db.execute("select count(*) from orders").fetchone()[0]
            finally:
                db.close()
        return cls(f"sqlite:{path}", count)


class Shop:
    """One running server. Limits are off by default; it logs warnings only, as nginx writes no
    access log either."""

    def __init__(self, binary, database, directory, settings=()):
        self.binary, self.database = binary, database
        self.port = free_port()
        command = [binary, "serve", "--database.url", database.url, "--data.dir",
                   directory / "souk-data", "--http.port", self.port, "--auth.secret", SECRET,
                   "--admin.password", "admin-of-the-benchmark", "--log.level", "warning"]
        for setting in settings:
            name, _, value = setting.partition("=")
            command += [f"--{name}", value]
        begin = time.monotonic()
        self.process = Process("souk serve", command, directory / "souk.log", cwd=directory,
                               env=clean_environment())
        try:
            wait_until(self.ready, 120, "souk serve", self.process, step=0.002)
        except BenchError:
            self.process.stop()
            raise
        self.ready_after = time.monotonic() - begin

    @property
    def target(self):
        return f"http://127.0.0.1:{self.port}"

    def ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def get(self, path):
        """Status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def stop(self):
        code = self.process.stop(signal.SIGTERM, 30)
        if code != 0:
            how = "did not end within 30 s" if code is None else f"ended with {code}"
            raise BenchError(f"souk serve {how} at SIGTERM; its last lines:\n"
                             + self.process.last_lines())


def migrate(binary, database, directory):
    run([binary, "migrate", "--database.url", database.url], cwd=directory,
        env=clean_environment())


def check(binary, database, directory):
    """What `souk check` objects to; empty when the books balance."""
    done = subprocess.run([str(binary), "check", "--database.url", database.url], cwd=directory,
                          env=clean_environment(), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return (done.stdout + done.stderr).strip() or f"souk check ended with {done.returncode}"
