"""`souk serve` on a database of the bench, and `souk check` on its books."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import time

from .processes import BenchError, Process, free_port, run, wait_until

SECRET = "a-secret-of-the-benchmark-only-0123456789abcdef"
ADMIN_PASSWORD = "admin-of-the-benchmark"


# Rows of the event log with orders placed after the place in it that the clerk has noted (it does so
# every second). One without a kind holds several events.
WAITING = ("select count(*) from event where (kind = 'order_placed' or kind = '' and payload like "
           "'%[\"order_placed\",%') and {place} > (select {seen} from ("
           "select xid, id from event_reader where consumer = 'clerk') as c union all select {start} "
           "where not exists (select 1 from event_reader where consumer = 'clerk'))")


def clean_environment():
    """No setting of the caller's own reaches the server."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SOUK_")}


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (base36(number // 36) if number >= 36 else "") + digits[number % 36]


def customer_token(number):
    """What souk-load mints for the n-th customer."""
    def encoded(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    now = int(time.time())
    user = f"01900000-0000-7000-8000-{number:012x}"
    claims = {"iss": "souk", "aud": "souk", "sub": user, "user_id": user, "role": "USER",
              "username": f"load-{number}", "email": f"load-{number}@example.com", "iat": now,
              "exp": now + 3_600, "jti": f"0000000000000000.{base36(now * 1000)}.bench"}
    text = encoded(b'{"alg":"HS256","typ":"JWT"}') + "." + encoded(json.dumps(claims).encode())
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + encoded(digest)


class Database:
    """Where a server keeps its shop: a URL, how to count the orders in it, and how many rows of its
    log with orders placed are still to be dealt with in the background (the orders confirmed,
    unless `orders.confirm` is false)."""

    def __init__(self, url, count, waiting):
        self.url, self.count, self.waiting = url, count, waiting

    @classmethod
    def of_postgres(cls, postgres, name):
        return cls(postgres.url(name),
                   lambda: postgres.number(name, "select count(*) from orders"),
                   lambda: postgres.number(name, WAITING.format(
                       place="(xid, id)", seen="cast(cast(xid as text) as xid8), id",
                       start="cast('0' as xid8), 0")))

    @classmethod
    def of_sqlite(cls, path):
        def number(statement):
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            try:
                return db.execute(statement).fetchone()[0]
            finally:
                db.close()
        return cls(f"sqlite:{path}", lambda: number("select count(*) from orders"),
                   lambda: number(WAITING.format(place="id", seen="id", start="0")))


class Shop:
    """One running server. Limits are off by default; it logs warnings only, as nginx writes no
    access log either."""

    def __init__(self, binary, database, directory, settings=()):
        self.binary, self.database = binary, database
        self.port = free_port()
        command = [binary, "serve", "--database.url", database.url, "--data.dir",
                   directory / "souk-data", "--http.port", self.port, "--auth.secret", SECRET,
                   "--admin.password", ADMIN_PASSWORD, "--log.level", "warning"]
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

    def get(self, path, token=None):
        """Status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path,
                               headers={"Authorization": f"Bearer {token}"} if token else {})
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
