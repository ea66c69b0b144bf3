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
    this.cursors = {}; // by operation: where its pages went on
  }

  /** Remembers where a page goes on. */
  note_page(key, answer) {
    const cursor = /[?&]cursor=([^&>]+)/.exec(answer.headers.link ?? "")?.[1];
    if (!cursor) return;
    this.cursors[key] = [...(this.cursors[key] ?? []), decodeURIComponent(cursor)].slice(-20);
  }

  has(...keys) {
    return keys.every((x) => this.w.known.has(x));
  }

  async renew() {
    const { w } = this;
    await w.revive_all();
    const { owner, other } = w.roles;
    const spare = await w.customer(); // to be changed and deleted
    const products = [await w.product(), await w.product(5), await w.product(0)];
    const orders = [await w.order(owner), await w.order(owner, { payment_method: "prepaid" }),
      await w.order(other), await w.order_in("delivered", owner)];
    this.ids.products = products.map((x) => x.id);
    this.ids.orders = orders.map((x) => x.id);
    this.ids.items = orders.flatMap((x) => x.items.map((y) => y.id));
    this.ids.amounts = orders.map((x) => x.total_amount);
    this.ids.users = [owner.id, spare.id, spare.id, other.id];
    for (const x of products.slice(0, 2))
      await w.send("POST", "/api/v1/cart/items", {
        as: owner, body: { product_id: x.id, quantity: 1 } });
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
      shipping_address: "addresses", user: "users", order: "orders", stock: "products",
      amount: "amounts" };
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

/** What the owner's account knows, where an operation asks for it: by the end of its path. */
const secrets = {
  login: { username: "username", password: "password" },
  refresh: { refresh_token: "refresh_token" },
  verify: { token: "token" },
  password: { old_password: "password" },
};

const named = (ids, path = "") => (name) => {
  const secret = secrets[path.split("/").at(-1)]?.[name];
  if (secret) return fc.constant(new pick(0, () => [ids.w.roles.owner[secret]]));
  return /(_id|^amount)$/.test(name) && ids.of(name)
    ? fc.oneof({ weight: 12, arbitrary: choice.map((i) => new pick(i, () => ids.of(name))) },
      { weight: 1, arbitrary: fc.nat({ max: 3 }) })
    : undefined;
};

/** One index for all, so that an order's line is mostly of that order. */
function path_of(operation, ids) {
  const names = operation.parameters.filter((x) => x.in === "path").map((x) => x.name);
  const pick_at = (i, name) => new pick(i, () => path_pool(ids, operation.path, name));
  const odd = fc.oneof({ weight: 10, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: odd_id });
  return fc.tuple(choice, fc.record(Object.fromEntries(names.map((x) => [x, odd])))).map(
    ([i, odds]) => Object.fromEntries(names.map((x) => [x, odds[x] ?? pick_at(i, x)])));
}

function query_of(doc, operation, ids) {
  const each = {};
  const names = (name) => (name === "cursor"
    ? choice.map((i) => new pick(i, () => ids.cursors[operation.key])) : named(ids)(name));
  for (const x of operation.parameters)
    if (x.in === "query")
      each[x.name] = fc.oneof(
        { weight: 12, arbitrary: values_of(doc, x.schema, names, x.name) },
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
    values_of(doc, operation.content[type].schema, named(ids, operation.path))
      .map((value) => ({ type, value })));
  const bad = good.chain(({ type, value }) => spoiled(value).map((x) => ({ type, value: x })));
  const broken = fc.oneof(
    fc.constantFrom({}, { type: "text/plain", text: "x" }, { type: "application/json", text: "" },
      { type: "application/json; charset=latin1", text: "{}" }),
    fc.constantFrom("{", "[]]", '{"a":1,"a":2}', "[".repeat(200), "\ufeff{}", "nul", '"\\ud800"', "{}")
      .map((text) => ({ type: "application/json", text })),
    fc.string({ unit: "binary", maxLength: 60 }).map((text) => ({ type: "application/json", text })));
  return fc.oneof({ weight: 8, arbitrary: good }, { weight: 3, arbitrary: bad },
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
    head: operation.method === "GET"
      ? fc.integer({ min: 0, max: 9 }).map((n) => n === 0) : fc.constant(false),
  });
}

/** How often an operation is asked, compared with others. */
function weight_of(operation) {
  // Hashing a password takes as long as a hundred other requests.
  if (/auth|register|login|token/.test(operation.path)) return 1;
  // What is gone is not found by later requests, and with an account all that it has is gone.
  if (operation.path.endsWith("/users/me") && operation.method === "DELETE") return 1;
  const of_users = /\/users\/\{user_id\}/.test(operation.path) && operation.method !== "GET";
  return of_users || operation.method === "DELETE" ? 2 : 6;
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
  return { method: x.head ? "HEAD" : operation.method, target, headers, body };
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
  const failures = new Map(); // the first of each kind
  let sent = 0;
  const any_request = fc.oneof(...doc.operations.map(
    (x) => ({ weight: weight_of(x), arbitrary: request_of(doc, x, ids) })));
  await fc.assert(fc.asyncProperty(any_request, async (x) => {
    sent += 1;
    if (sent % renew_every === 0) await ids.renew();
    const operation = doc.operations.find((y) => y.key === x.key);
    const request = made(x, operation, w);
    const answer = await send(origin, request);
    seen.add(x.key, answer.status);
    ids.note_page(x.key, answer);
    const objections = doc.objections(operation, answer, x.head);
    if (answer.status === 401 && operation.who !== "everyone" && w.roles[x.role])
      await ids.renew(); // its account or its sessions were ended by an earlier request
    for (const objection of objections)
      if (!failures.has(`${x.key}: ${objection}`))
        failures.set(`${x.key}: ${objection}`, `request ${sent}: ${tell(request, answer)}`);
  }), { numRuns: requests, seed, endOnFailure: true, includeErrorInReport: true });
  seen.print();
  const found = new findings();
  for (const [kind, first] of failures) found.check(false, `${kind}\n${first}`);
  found.check(sent >= requests, `only ${sent} requests were sent`);
  found.check(seen.statuses.size === doc.operations.length, "an operation was never asked");
  const good = seen.count((x) => x < 400);
  found.check(good > sent / 10, `only ${good} of ${sent} requests succeeded`);
  found.check(sent - good > sent / 10, `only ${sent - good} of ${sent} requests were refused`);
  found.report(`${sent} requests, seed ${seed}, ${good} succeeded`);
}));
