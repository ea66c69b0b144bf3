"""nginx with one worker that serves the products' bytes from files: the least a read can cost."""
import http.client
import os
import pwd
import resource
import shutil
import signal

from .processes import BenchError, Process, free_port, wait_until

CONFIG = """{user}worker_processes 1;
worker_rlimit_nofile {files};
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max={cached} inactive=1h;
  open_file_cache_valid 1h;
  open_file_cache_min_uses 1;
  types {{ }}
  default_type {content_type};
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {dir}/www;
{headers}  }}
}}
"""
OWN_HEADERS = {"server", "date", "content-type", "content-length", "connection", "etag",
               "last-modified", "accept-ranges"}


def find():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def value_of(name, value):
    """A header's value in nginx's configuration. A request id differs from answer to answer."""
    if name.lower() == "x-request-id":
        return "$request_id"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Nginx:
    """Takes bodies and headers from a running shop, so that both send the same."""

    def __init__(self, shop, directory, first, last):
        self.directory = directory / "nginx"
        pages = self.directory / "www" / "api" / "v1" / "products"
        pages.mkdir(parents=True)
        headers = self.copy_pages(shop, pages, first, last)
        self.port = free_port()
        added = "".join(f"    add_header {name} {value_of(name, value)};\n"
                        for name, value in headers.items() if name.lower() not in OWN_HEADERS)
        user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
        config = self.directory / "nginx.conf"
        files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 65_536)
        config.write_text(CONFIG.format(
            user=user, dir=self.directory, port=self.port, headers=added, files=files,
            cached=min(20_000, files // 2), content_type=headers["Content-Type"]))
        self.process = Process("nginx", [find(), "-p", self.directory, "-c", config],
                               directory / "nginx.log")
        wait_until(self.answers, 10, "nginx", self.process)

    @staticmethod
    def copy_pages(shop, pages, first, last):
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
        for product in range(first, last + 1):
            connection.request("GET", f"/api/v1/products/{product}")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise BenchError(f"GET /api/v1/products/{product} answered {answer.status}")
            (pages / str(product)).write_bytes(body)
        connection.close()
        return answer.headers

    @property
    def target(self):
        return f"http://127.0.0.1:{self.port}"

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            return True
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self):
        self.process.stop(signal.SIGTERM, 10)
