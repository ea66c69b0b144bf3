// The database of a test's server: SOUK_TEST_DATABASE is `sqlite` (if not set) or `postgresql`.
import path from "node:path";
import { execFileSync } from "node:child_process";

const kind = process.env.SOUK_TEST_DATABASE || "sqlite";

function required(name) {
  if (!process.env[name]) throw new Error(`${name} is not set`);
  return process.env[name];
}

function on_server(program, ...options) {
  const file = path.join(required("SOUK_TEST_PG_BIN"), program);
  const server = `--maintenance-db=${required("SOUK_TEST_POSTGRESQL")}`;
  execFileSync(file, [server, ...options], { stdio: "inherit", timeout: 60_000 });
}

/** Makes an empty one, calls `use(settings)`, drops it. A file of SQLite is below `data.dir`, its owner's. */
export async function with_database(use) {
  if (kind === "sqlite") return use({});
  if (kind !== "postgresql") throw new Error(`SOUK_TEST_DATABASE=${kind}: neither sqlite nor postgresql`);
  const name = `souk_web_${process.pid}`;
  const url = new URL(required("SOUK_TEST_POSTGRESQL"));
  url.pathname = `/${name}`;
  on_server("createdb", name);
  try {
    return await use({ "database.url": url.href });
  } finally {
    on_server("dropdb", "--force", "--if-exists", name);
  }
}
