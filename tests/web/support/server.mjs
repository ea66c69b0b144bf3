// A `souk serve` of the test's own, in a temporary directory and on a database of its own.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { with_database } from "./database.mjs";
import { start, stop } from "./process.mjs";

export const admin = { username: "admin", password: "the administrator's own 1" };

/** Settings that turn off all rates of requests: a test is one address that makes many accounts. */
function no_rates(binary, dir) {
  const text = execFileSync(binary, ["config"], { encoding: "utf8", cwd: dir, timeout: 30_000 });
  const limits = /^\[limits\]\n([^[]*)/m.exec(text)?.[1] ?? "";
  const rates = limits.matchAll(/^(\w+) *= *"[^"]*\/[^"]*"/gm);
  return Object.fromEntries([...rates].map((x) => [`limits.${x[1]}`, "off"]));
}

/** Starts it, calls `use(origin)`, stops it. Fails when it does not end with 0. */
export function with_server(use) {
  return with_database((database) => serve(database, use));
}

async function serve(database, use) {
  const binary = process.env.SOUK_TEST_BINARY;
  if (!binary) throw new Error("SOUK_TEST_BINARY is not set: the souk to test");
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "souk-web."));
  try {
    const settings = {
      "http.port": 0,
      "data.dir": dir,
      "log.level": "error",
      "shop.demo": true,
      "admin.username": admin.username,
      "admin.password": admin.password,
      ...database,
      ...no_rates(path.resolve(binary), dir),
    };
    const argv = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    const server = await start([path.resolve(binary), "serve", ...argv], {
      ready: /souk: ready on \S*?:(\d+)[^\n]*\n/,
      cwd: dir,
    });
    let code;
    try {
      await use(`http://127.0.0.1:${server.found[1]}`);
    } catch (error) {
      process.stderr.write(server.text());
      throw error;
    } finally {
      code = await stop(server.child);
    }
    if (code !== 0) throw new Error(`the server ended with ${code}: ${server.text()}`);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
