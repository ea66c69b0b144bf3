// Drives every documented operation with generated requests, good and bad, from a fixed seed: each answer
// must be one that the document describes. Against a server of its own.
// Usage: fuzz_test.mjs [REQUESTS [SEED]]
import { findings, run } from "./support/check.mjs";
import { send } from "./support/client.mjs";
import { document, tell } from "./support/document.mjs";
import { fc, spoiled, unfit_value, values_of } from "./support/arbitraries.mjs";
import { target_of } from "./support/recipes.mjs";
import { with_server } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const requests = Number(process.argv[2] ?? 5000);
const seed = Number(process.argv[3] ?? 20261121);
const renew_every = 250; // requests, after which there are fresh objects

/** The ids that requests may name: of what is there, by the word that paths and members have for it. */
class pool {
  constructor(w) {
    this.w = w;
    this.ids = {};
  }

  has(...keys) {
    return keys.every((x) => this.w.known.has(x));
  }

  async renew() {
    const { w } = this;
    await w.revive_all();
    const { owner, other } = w.roles;
    const products = [await w.product(), await w.product(5), await w.product(0)];
    const orders = [await w.order(owner), await w.order(owner, { payment_method: "prepaid" }),
      await w.order(other), await w.order_in("delivered", owner)];
    this.ids.products = products.map((x) => x.id);
    this.ids.orders = orders.map((x) => x.id);
    this.ids.items = orders.flatMap((x) => x.items.map((y) => y.id));
    this.ids.users = [owner.id, other.id];
    if (this.has("POST /api/v1/categories"))
      this.ids.categories = [(await w.category()).id, (await w.category()).id];
    if (this.has("POST /api/v1/users/me/addresses"))
      this.ids.addresses = await this.#addresses(owner);
  }

  /** There is a limit to an account's addresses, so only missing ones are made. */
  async #addresses(owner) {
    const there = await this.w.get("GET", "/api/v1/users/me/addresses", { as: owner });
    return there.length > 0 ? there.map((x) => x.id) : [(await this.w.address(owner)).id];
  }

  /** What a name stands for: `product_id`, `items` of a path, `parent_id`; nothing if it is no id. */
  of(name) {
    const words = { product: "products", category: "categories", parent: "categories", item: "items",
      shipping_address: "addresses", user: "users", order: "orders", stock: "products" };
    return this.ids[words[name.replace(/_id$/, "")]] ?? this.ids[name];
  }
}

/** A path's parameter: the collection is the literal segment before it, unless it has a name of its own. */
function path_pool(ids, path, name) {
  if (name !== "id") return ids.of(name);
  const before = path.slice(0, path.indexOf("{id}")).split("/").filter((x) => x && !x.includes("{"));
  return ids.of(before.at(-1)) ?? ids.of(before.at(-1).replace(/s$/, ""));
}

/** The index of a choice, so that a request names what is there when it is sent. */
const choice = fc.nat({ max: 1000 });
class pick {
  constructor(index, from) {
    this.index = index;
    this.from = from;
  }

  value() {
    const all = this.from() ?? [];
    return all.length > 0 ? all[this.index % all.length] : 1;
  }
}

/** Puts ids in the places of picks. */
function filled(x) {
  if (x instanceof pick) return x.value();
  if (Array.isArray(x)) return x.map(filled);
  if (x && typeof x === "object")
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, filled(value)]));
  return x;
}

const odd_id = fc.constantFrom("0", "-1", "1", "9007199254740991", "9007199254740992", "abc", "1.5", "%", " ",
  "99999999999999999999999", "00000000-0000-7000-8000-000000000000", "null", "\u0000");

const plain_text = (x) => (typeof x === "string" ? x : JSON.stringify(x));

const named = (ids) => (name) =>
  /_id$/.test(name) && ids.of(name)
    ? fc.oneof({ weight: 12, arbitrary: choice.map((i) => new pick(i, () => ids.of(name))) },
      { weight: 1, arbitrary: fc.nat({ max: 3 }) })
    : undefined;

function path_of(operation, ids) {
  const each = {};
  for (const x of operation.parameters)
    if (x.in === "path")
      each[x.name] = fc.oneof(
        { weight: 10, arbitrary: choice.map(
          (i) => new pick(i, () => path_pool(ids, operation.path, x.name))) },
        { weight: 1, arbitrary: odd_id });
  return fc.record(each);
}

function query_of(doc, operation, ids) {
  const each = {};
  for (const x of operation.parameters)
    if (x.in === "query")
      each[x.name] = fc.oneof(
        { weight: 5, arbitrary: values_of(doc, x.schema, named(ids), x.name) },
        { weight: 1, arbitrary: unfit_value.map(plain_text) });
  return fc.oneof({ weight: 1, arbitrary: fc.constant({}) },
    { weight: 3, arbitrary: fc.record(each, { requiredKeys: [] }) });
}

/** {type, text} of a body, or none. */
function body_of(doc, operation, ids) {
  const types = Object.keys(operation.content);
  if (types.length === 0)
    return fc.oneof({ weight: 8, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constant({ type: "application/json", value: { a: 1 } }) });
  const good = fc.constantFrom(...types).chain((type) =>
    values_of(doc, operation.content[type].schema, named(ids)).map((value) => ({ type, value })));
  const bad = good.chain(({ type, value }) => spoiled(value).map((x) => ({ type, value: x })));
  const broken = fc.oneof(
    fc.constantFrom({}, { type: "text/plain", text: "x" }, { type: "application/json", text: "" },
      { type: "application/json; charset=latin1", text: "{}" }),
    fc.constantFrom("{", "[]]", '{"a":1,"a":2}', "[".repeat(200), "\ufeff{}", "nul", '"\\ud800"', "{}")
      .map((text) => ({ type: "application/json", text })),
    fc.string({ unit: "binary", maxLength: 60 }).map((text) => ({ type: "application/json", text })));
  return fc.oneof({ weight: 5, arbitrary: good }, { weight: 3, arbitrary: bad },
    { weight: 1, arbitrary: broken });
}

const visible = fc.string({ minLength: 1, maxLength: 20 }).map((x) => x.replace(/[^!-~]/g, "_"));
const extra_headers = fc.record({
  "Idempotency-Key": fc.oneof(visible, fc.constantFrom("", "k".repeat(255), "k".repeat(256), "a b")),
  "If-Match": fc.constantFrom("*", '"v1"', '"v1", "v2"', "v1", '"', 'W/"v1"', '"p1.1"', ""),
  "If-None-Match": fc.constantFrom("*", '"v1"', "x"),
  "X-Request-Id": visible,
}, { requiredKeys: [] });
const some_headers = fc.oneof({ weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: extra_headers });

function request_of(doc, operation, ids) {
  const usual = operation.who === "admin" ? "admin" : "owner";
  return fc.record({
    key: fc.constant(operation.key),
    role: fc.oneof({ weight: 12, arbitrary: fc.constant(usual) },
      { weight: 4, arbitrary: fc.constantFrom("nobody", "owner", "other", "admin", "forged") }),
    path: path_of(operation, ids),
    query: query_of(doc, operation, ids),
    body: body_of(doc, operation, ids),
    headers: some_headers,
  });
}

function text_of(type, value) {
  if (type !== "application/x-www-form-urlencoded") return JSON.stringify(value);
  const plain = value && typeof value === "object" ? value : { value };
  return new URLSearchParams(Object.entries(plain).map(([k, v]) => [k, plain_text(v)])).toString();
}

/** A generated request as it is sent now. */
function made(x, operation, w) {
  const headers = { ...x.headers };
  const account = w.roles[x.role];
  if (x.role === "forged") headers.Authorization = "Bearer eyJhbGciOiJub25lIn0.e30.";
  else if (account) headers.Authorization = `Bearer ${account.token}`;
  const { type, text, value } = x.body;
  if (type) headers["Content-Type"] = type;
  const body = text ?? (type ? text_of(type, filled(value)) : undefined);
  const target = target_of(operation.path, filled(x.path), filled(x.query));
  return { method: operation.method, target, headers, body };
}

class tally {
  constructor() {
    this.statuses = new Map();
  }

  add(key, status) {
    if (!this.statuses.has(key)) this.statuses.set(key, {});
    const at = this.statuses.get(key);
    at[status] = (at[status] ?? 0) + 1;
  }

  count(good) {
    let sum = 0;
    for (const x of this.statuses.values())
      for (const [status, n] of Object.entries(x)) if (good(Number(status))) sum += n;
    return sum;
  }

  print() {
    for (const [key, x] of [...this.statuses].sort())
      console.log(`${key}: ${Object.entries(x).map(([s, n]) => `${s} x ${n}`).join(", ")}`);
  }
}

run(() => with_server(async (origin) => {
  const doc = await document.read(origin);
  const w = await world.make(origin, doc);
  const ids = new pool(w);
  await ids.renew();
  const seen = new tally();
  let sent = 0;
  // Hashing a password takes as long as a hundred other requests.
  const any_request = fc.oneof(...doc.operations.map((x) => ({
    weight: /auth|register|login|token/.test(x.path) ? 1 : 6, arbitrary: request_of(doc, x, ids) })));
  await fc.assert(fc.asyncProperty(any_request, async (x) => {
    sent += 1;
    if (sent % renew_every === 0) await ids.renew();
    const operation = doc.operations.find((y) => y.key === x.key);
    const request = made(x, operation, w);
    const answer = await send(origin, request);
    seen.add(x.key, answer.status);
    const objections = doc.objections(operation, answer);
    if (answer.status === 401 && operation.who !== "everyone" && w.roles[x.role])
      await w.revive(x.role); // its account or its sessions were ended by an earlier request
    if (objections.length > 0) throw new Error(`${objections.join("; ")}\n${tell(request, answer)}`);
  }), { numRuns: requests, seed, endOnFailure: true, includeErrorInReport: true });
  seen.print();
  const found = new findings();
  found.check(sent >= requests, `only ${sent} requests were sent`);
  found.check(seen.statuses.size === doc.operations.length, "an operation was never asked");
  const good = seen.count((x) => x < 400);
  found.check(good > sent / 10, `only ${good} of ${sent} requests succeeded`);
  found.check(sent - good > sent / 10, `only ${sent - good} of ${sent} requests were refused`);
  found.report(`${sent} requests, seed ${seed}, ${good} succeeded`);
}));
