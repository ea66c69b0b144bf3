// Drives every documented operation through Prism, which objects to a request or an answer that the
// document does not describe. Against a server of its own.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { findings, run } from "./support/check.mjs";
import { send } from "./support/client.mjs";
import { document, tell } from "./support/document.mjs";
import { program } from "./support/packages.mjs";
import { free_port, start, stop } from "./support/process.mjs";
import { sensible, signed } from "./support/recipes.mjs";
import { with_server } from "./support/server.mjs";
import { world } from "./support/world.mjs";

/** Prism in front of a server; a port that another program took meanwhile is tried again. */
async function start_prism(file, origin) {
  for (let tries = 1; ; ++tries) {
    const port = await free_port();
    const argv = [process.execPath, program("@stoplight/prism-cli", "prism"), "proxy", file, origin,
      "--errors", "--port", `${port}`, "--verboseLevel", "info"];
    try {
      const prism = await start(argv, { ready: /Prism is listening/ });
      return { ...prism, origin: `http://127.0.0.1:${port}` };
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** What Prism has against an exchange; empty: nothing. */
function objection(answer) {
  const violations = answer.headers["sl-violations"];
  if (violations) return violations;
  return answer.text.includes("https://stoplight.io/prism/errors") ? answer.text : "";
}

async function drive(doc, w, prism, found) {
  const driven = new Set();
  for (const operation of doc.operations) {
    const plan = await sensible(doc, operation, w);
    const request = signed(plan.request, plan.as);
    const answer = await send(prism.origin, request);
    const objects = objection(answer);
    driven.add(operation.key);
    found.check(!objects, () => `Prism: ${objects}\n  ${tell(request, answer)}`);
    const may = plan.expect ?? [200, 201, 202, 204];
    // Without a recipe the document's own example is sent, and may name what is not there.
    found.check(plan.generic ? answer.status < 500 : may.includes(answer.status),
      () => `a sensible request was refused: ${tell(request, answer)}`);
    if (plan.generic && answer.status >= 400)
      console.log(`${operation.key}: no recipe, and its example got ${answer.status}`);
  }
  for (const x of doc.operations) found.check(driven.has(x.key), `${x.key} was not driven`);
}

/** That Prism is awake: it must object to this. */
async function check_prism(prism, found) {
  const unfit = { method: "POST", target: "/api/v1/auth/verify",
    headers: { "Content-Type": "application/json" }, body: '{"token":7}' };
  const answer = await send(prism.origin, unfit);
  found.check(objection(answer), () => `Prism accepts anything: ${tell(unfit, answer)}`);
}

run(() => with_server(async (origin) => {
  const doc = await document.read(origin);
  const w = await world.make(origin, doc);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "souk-prism."));
  const found = new findings();
  let prism;
  try {
    const file = path.join(dir, "openapi.json");
    fs.writeFileSync(file, JSON.stringify(doc.content));
    prism = await start_prism(file, origin);
    await check_prism(prism, found);
    await drive(doc, w, prism, found);
  } finally {
    if (prism) await stop(prism.child);
    fs.rmSync(dir, { recursive: true, force: true });
  }
  found.report(`${doc.operations.length} operations through Prism`);
}));
