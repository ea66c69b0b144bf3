"""A private PostgreSQL 15 with its default durability, on a free port of 127.0.0.1."""
import os
import shutil
import signal
import subprocess

from .processes import BenchError, Process, free_port, run, wait_until

BIN = "/usr/lib/postgresql/15/bin"
MAX_WAL_SIZE = "8GB"  # for both contenders: a checkpoint in one's turn would not be fair
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "shared_preload_libraries": "'pg_stat_statements'",
    "max_wal_size": f"'{MAX_WAL_SIZE}'",
    "max_connections": "150",
    "logging_collector": "off",
}


class Postgres:
    """Superuser `souk` without a password; nothing about durability is changed."""

    def __init__(self, directory, stack):
        self.data = directory / "postgresql"
        self.port = free_port()
        self.options = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.options = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self.data.mkdir()
        if self.options:
            shutil.chown(self.data, "postgres", "postgres")
        done = subprocess.run([f"{BIN}/initdb", "-D", str(self.data), "-U", "souk", "-A", "trust",
                               "-E", "UTF8", "--locale=C.UTF-8"],
                              capture_output=True, text=True, cwd="/", **self.options)
        if done.returncode != 0:
            raise BenchError("initdb failed: " + done.stderr.strip())
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            settings = {**SETTINGS, "port": self.port, "unix_socket_directories": f"'{self.data}'"}
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.process = Process("PostgreSQL", [f"{BIN}/postgres", "-D", self.data],
                               directory / "postgresql.log", cwd="/", **self.options)
        stack.callback(self.stop)
        wait_until(self.answers, 30, "PostgreSQL", self.process)
        self.sql("postgres", "create extension pg_stat_statements")

    def stop(self):
        self.process.stop(signal.SIGINT, 60)

    def answers(self):
        return subprocess.run([f"{BIN}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                              check=False).returncode == 0

    def url(self, database):
        return f"postgresql://souk@127.0.0.1:{self.port}/{database}"

    def sql(self, database, statements):
        """Runs statements and returns what the last one said, a list a row."""
        out = run([f"{BIN}/psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                   "-d", self.url(database), "-c", statements])
        return [line.split("\t") for line in out.splitlines()]

    def number(self, database, statement):
        return int(self.sql(database, statement)[-1][0])

    def create(self, database, template="template1"):
        """As `template`, to which nobody may be connected."""
        self.sql("postgres", f'create database "{database}" template "{template}"')

    def checkpoint(self):
        """So that no phase pays for what another has written."""
        self.sql("postgres", "checkpoint")

    def version(self):
        return self.sql("postgres", "show server_version")[0][0]

    def durability(self):
        names = "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", \
            "max_wal_size", "shared_buffers"
        return {name: self.sql("postgres", f"show {name}")[0][0] for name in names}

    def statements(self, database):
        """Statements that clients sent to a database since the start."""
        return self.number("postgres", "select coalesce(sum(calls), 0) from pg_stat_statements s "
                           f"join pg_database d on d.oid = s.dbid where d.datname = '{database}' "
                           "and toplevel")

    def wal_syncs(self):
        return self.number("postgres", "select wal_sync from pg_stat_wal")

    def busiest(self, database, count=6):
        """The statements that took most time: (calls, rows, total milliseconds, text)."""
        return self.sql("postgres", "select calls, rows, round(total_exec_time), "
                        "regexp_replace(left(query, 100), '\\s+', ' ', 'g') "
                        "from pg_stat_statements s join pg_database d on d.oid = s.dbid "
                        f"where d.datname = '{database}' order by total_exec_time desc "
                        f"limit {count}")
