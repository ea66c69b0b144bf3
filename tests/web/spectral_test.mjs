// Drives Spectral, with its recommended rules for OpenAPI, over the document that a server gives out.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { run } from "./support/check.mjs";
import { document } from "./support/document.mjs";
import { program } from "./support/packages.mjs";
import { with_server } from "./support/server.mjs";

run(() => with_server(async (origin) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "souk-spectral."));
  try {
    const file = path.join(dir, "openapi.json");
    const rules = path.join(dir, "rules.yaml");
    const { content, operations } = await document.read(origin);
    fs.writeFileSync(file, JSON.stringify(content));
    fs.writeFileSync(rules, 'extends: ["spectral:oas"]\n');
    const argv = [program("@stoplight/spectral-cli", "spectral"), "lint", "--ruleset", rules,
      "--format", "json", "--quiet", "--fail-severity", "error", file];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
      encoding: "utf8", timeout: 120_000, maxBuffer: 2 ** 26 });
    const start = stdout.indexOf("[");
    if (start < 0) throw new Error(`Spectral gave no result: ${stdout}${stderr}`);
    const results = JSON.parse(stdout.slice(start, stdout.lastIndexOf("]") + 1));
    for (const x of results)
      console.error(`${["error", "warning"][x.severity] ?? "hint"} ${x.code} `
        + `${x.path.join(".")}: ${x.message}`);
    console.log(`${operations.length} operations, ${results.length} findings`);
    if (status !== 0) throw new Error(`Spectral objects, exit status ${status}`);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}));
