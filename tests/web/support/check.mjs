// A test's program: runs it, prints what failed, sets the exit status.
import { close_connections } from "./client.mjs";

/** Collects objections; a test without a single check fails too. */
export class findings {
  constructor() {
    this.checks = 0;
    this.failed = [];
  }

  check(good, text) {
    this.checks += 1;
    if (!good) this.failed.push(typeof text === "function" ? text() : text);
    return good;
  }

  report(what) {
    for (const text of this.failed.slice(0, 40)) console.error(`FAILED: ${text}`);
    console.log(`${what}: ${this.checks} checks, ${this.failed.length} failed`);
    if (this.checks === 0) throw new Error("nothing was checked");
    if (this.failed.length > 0) throw new Error(`${this.failed.length} checks failed`);
  }
}

export async function run(test) {
  try {
    await test();
  } catch (error) {
    console.error(error.stack ?? error);
    process.exitCode = 1;
  } finally {
    close_connections();
  }
}
