// Drives the page at /docs in Chromium: it shows every operation and can try one, asks nobody but its own
// server, and keeps to its Content-Security-Policy. Against a server of its own.
// Usage: docs_test.mjs [all]
import fs from "node:fs";
import { findings, run } from "./support/check.mjs";
import { send } from "./support/client.mjs";
import { document } from "./support/document.mjs";
import { load } from "./support/packages.mjs";
import { with_server } from "./support/server.mjs";

function chromium_program() {
  const places = [process.env.SOUK_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
  const found = places.find((x) => x && fs.existsSync(x));
  if (!found) throw new Error("no Chromium: install Debian's package, or set SOUK_TEST_CHROMIUM");
  return found;
}

/** Notes all that a good page does not do. */
async function watch(page, origin, found) {
  page.on("console", (x) => {
    if (["error", "warning"].includes(x.type())) found.check(false, `console: ${x.text()}`);
  });
  page.on("pageerror", (x) => found.check(false, `uncaught: ${x.message}`));
  page.on("request", (x) => found.check(
    x.url().startsWith(`${origin}/`) || x.url().startsWith("data:"), `asks ${x.url()}`));
  page.on("requestfailed", (x) => found.check(false, `not loaded: ${x.url()}`));
  page.on("response", (x) => found.check(x.status() < 400, `${x.status()} for ${x.url()}`));
  await page.addInitScript(() => {
    globalThis.violations = [];
    globalThis.addEventListener("securitypolicyviolation", (x) => globalThis.violations.push(
      `${x.effectiveDirective} forbids ${x.blockedURI} (${x.sourceFile}:${x.lineNumber})`));
  });
}

async function check_headers(origin, found) {
  const answer = await send(origin, { method: "GET", target: "/docs" });
  if (answer.status !== 200) throw new Error(`/docs answers ${answer.status}: ${answer.text}`);
  const policy = answer.headers["content-security-policy"] ?? "";
  found.check(policy.startsWith("default-src 'none'"), `the policy is ${policy}`);
  found.check(!policy.includes("unsafe"), `the policy is ${policy}`);
  const [script] = /\/docs\/[^"]*bundle\.js/.exec(answer.text);
  const asset = await send(origin, { method: "GET", target: script });
  found.check(/immutable/.test(asset.headers["cache-control"]), "the script may be kept for ever");
  const again = await send(origin, {
    method: "GET", target: script, headers: { "If-None-Match": asset.headers.etag } });
  found.check(again.status === 304, `a known script is ${again.status}`);
}

/** Executes an operation that needs nothing, and reads the status that the page shows. */
async function try_out(page, id) {
  const block = page.locator(`.opblock[id$="-${id}"]`);
  await block.locator(".opblock-summary").click();
  await block.locator("button.execute").click();
  const status = block.locator(".live-responses-table tbody .response-col_status");
  await status.first().waitFor();
  return (await status.first().innerText()).trim();
}

/** With `all` every operation is opened, which takes minutes; else the first and the last of each tag. */
const thorough = process.argv[2] === "all";

/**
 * Opens operations, so that their schemas, examples and tables are drawn too, and closes them. One tag at
 * a time, since whatever is on the page is drawn anew with each click. Returns how many.
 */
async function open_some(page, blocks, found) {
  const tags = page.locator(".opblock-tag-section");
  const titles = page.locator(".opblock-tag");
  const count = await tags.count();
  for (let i = 0; i < count; i += 1) await titles.nth(i).click();
  found.check(await blocks.count() === 0, "closed tags still show operations");
  let opened = 0;
  for (let i = 0; i < count; i += 1) {
    await titles.nth(i).click();
    const own = tags.nth(i).locator(".opblock");
    await own.first().waitFor();
    const all = await own.all();
    for (const block of thorough ? all : new Set([all[0], all.at(-1)])) {
      const summary = block.locator(".opblock-summary-control");
      if (await block.locator(".opblock-body").count() === 0) await summary.click();
      await block.locator(".responses-wrapper").waitFor();
      await summary.click();
      opened += 1;
    }
    await titles.nth(i).click();
  }
  return opened;
}

run(() => with_server(async (origin) => {
  const doc = await document.read(origin);
  const found = new findings();
  await check_headers(origin, found);
  const { chromium } = load("playwright-core");
  const browser = await chromium.launch({
    executablePath: chromium_program(),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await watch(page, origin, found);
    await page.goto(`${origin}/docs`);
    const blocks = page.locator(".opblock");
    await blocks.first().waitFor();
    const shown = await blocks.count();
    found.check(shown === doc.operations.length,
      `${shown} operations are shown, of ${doc.operations.length}`);
    const health = doc.operations.find((x) => x.key === "GET /healthz");
    const status = await try_out(page, health.id);
    found.check(/^200/.test(status), `trying GET /healthz shows ${status}`);
    const opened = await open_some(page, blocks, found);
    found.check(thorough ? opened === shown : opened > 10, `${opened} operations were opened, of ${shown}`);
    const violations = await page.evaluate(() => globalThis.violations);
    found.check(violations.length === 0, `the policy is violated: ${violations.join("; ")}`);
  } finally {
    await browser.close();
  }
  found.report(`${doc.operations.length} operations on the page`);
}));
