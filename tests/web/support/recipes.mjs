// The hand-written story: for an operation, a request that must succeed, with fresh objects where it needs
// some. Operations without a recipe are driven by the document's examples alone.
import { form_recipes } from "./form_recipes.mjs";
import { some_address } from "./world.mjs";

const api = "/api/v1";

// A recipe is called with the world and the account that owns what it makes, and gives any of
//   ids      the path's parameters, by name
//   query    by name
//   body     JSON, or text with its own `type`
//   as       who sends it, when that is neither the owner nor, for an ADMIN's operation, the administrator
//   foreign  statuses that another user gets who sends the very same; default: as the owner
//   admin    statuses that an administrator gets; likewise `nobody` and `owner`
//   expect   statuses that are right, if not those of success
//   ends     true: the sender's account ends
const hidden = [404];
const own = [200, 201, 204]; // each caller has one: another's request is about another object

const order = (status, more) => async (w, me) => ({
  ids: { id: (status ? await w.order_in(status, me) : await w.order(me)).id },
  foreign: hidden,
  ...more,
});
const product = (more) => async (w) => ({ ids: { id: (await w.product()).id }, ...more });
const stock = (more) => async (w) => ({ ids: { product_id: (await w.product()).id }, ...more });
const user = (more) => async (w) => ({ ids: { user_id: (await w.customer()).id }, ...more });
const address = (more) => async (w, me) => ({
  ids: { id: (await w.address(me)).id }, foreign: hidden, admin: hidden, ...more });
const line = (more) => async (w, me) => ({
  ids: { product_id: (await w.cart_line(me)).id }, foreign: hidden, admin: hidden, ...more });
const fixed = (more) => async () => ({ ...more });
/** Of an account of its own, because the account or its sessions end. */
const alone = (more) => async (w) => {
  const as = await w.customer();
  return { as, ...(typeof more === "function" ? more(as) : more) };
};

export const recipes = {
  // The catalog.
  [`GET ${api}/products`]: fixed({ query: { limit: 2 } }),
  [`POST ${api}/products`]: async (w) => ({ body: { name: w.name("desk"), price: "19.99" } }),
  [`GET ${api}/products/{id}`]: product(),
  [`PUT ${api}/products/{id}`]: product({ body: { name: "A desk", price: 25 } }),
  [`PATCH ${api}/products/{id}`]: product({ body: { price: 24.5 } }),
  [`DELETE ${api}/products/{id}`]: product(),
  [`POST ${api}/products/import`]: async (w) => ({
    body: { items: [{ external_id: w.name("sku"), name: "A desk", price: "19.99" }] } }),
  [`GET ${api}/categories`]: fixed({}),
  [`POST ${api}/categories`]: async (w) => ({ body: { name: w.name("category") } }),
  [`GET ${api}/categories/{id}`]: async (w) => ({ ids: { id: (await w.category()).id } }),
  [`PUT ${api}/categories/{id}`]: async (w) => ({
    ids: { id: (await w.category()).id }, body: { name: w.name("category") } }),
  [`DELETE ${api}/categories/{id}`]: async (w) => ({ ids: { id: (await w.category()).id } }),
  [`GET ${api}/stock/{product_id}`]: stock(),
  [`PUT ${api}/stock/{product_id}`]: stock({ body: { stock: 7 } }),
  [`POST ${api}/stock/{product_id}/adjust`]: stock({ body: { delta: 3, reason: "found" } }),
  [`GET ${api}/stock/{product_id}/movements`]: stock({ query: { limit: 5 } }),

  // Accounts and tokens.
  [`POST ${api}/auth/register`]: async (w) => ({
    body: { username: w.name("ada"), password: "correct horse battery" } }),
  [`POST ${api}/auth/login`]: async (w, me) => ({
    body: { username: me.username, password: me.password } }),
  [`POST ${api}/auth/verify`]: async (w, me) => ({ body: { token: me.token } }),
  [`POST ${api}/auth/refresh`]: alone((as) => ({ body: { refresh_token: as.refresh_token } })),
  [`POST ${api}/auth/logout`]: alone({ foreign: own, admin: own }),
  [`POST ${api}/auth/logout-all`]: alone({ foreign: own, admin: own }),
  [`POST ${api}/auth/password`]: alone((as) => ({
    body: { old_password: as.password, new_password: "another good secret" },
    foreign: [403], admin: [403] })),
  [`POST ${api}/auth/password/forgot`]: async (w, me) => ({ body: { email: me.email } }),
  [`POST ${api}/auth/password/reset`]: fixed({
    body: { token: "no such token", new_password: "another good secret" }, expect: [422] }),
  [`GET ${api}/users/me`]: fixed({}),
  [`PUT ${api}/users/me`]: alone((as) => ({
    body: { username: as.username, email: as.email, first_name: "Ada" },
    foreign: [409], admin: [409] })),
  [`PATCH ${api}/users/me`]: fixed({ body: { phone: "+351 21 000 0000" } }),
  [`DELETE ${api}/users/me`]: alone({ foreign: own, admin: own, ends: true }),
  [`GET ${api}/users`]: fixed({ query: { limit: 2 } }),
  [`POST ${api}/users/import`]: async (w) => ({
    body: { items: [{ username: w.name("ada"), password: "correct horse battery" }] } }),
  [`GET ${api}/users/{user_id}`]: user(),
  [`PATCH ${api}/users/{user_id}`]: user({ body: { disabled: true } }),
  [`DELETE ${api}/users/{user_id}`]: user(),
  [`PUT ${api}/users/{user_id}/role`]: user({ body: { role: "ADMIN" } }),
  [`GET ${api}/users/{user_id}/orders`]: async (w, me) => ({
    ids: { user_id: me.id }, foreign: hidden }),
  [`GET ${api}/users/me/addresses`]: fixed({}),
  [`POST ${api}/users/me/addresses`]: fixed({ body: some_address }),
  [`GET ${api}/users/me/addresses/{id}`]: address(),
  [`PUT ${api}/users/me/addresses/{id}`]: address({ body: some_address }),
  [`DELETE ${api}/users/me/addresses/{id}`]: address(),

  // The cart.
  [`GET ${api}/cart`]: fixed({}),
  [`DELETE ${api}/cart`]: fixed({}),
  [`POST ${api}/cart/items`]: async (w) => ({
    body: { product_id: (await w.product()).id, quantity: 1 } }),
  [`PUT ${api}/cart/items/{product_id}`]: line({ body: { quantity: 3 } }),
  [`DELETE ${api}/cart/items/{product_id}`]: line(),
  [`POST ${api}/cart/checkout`]: async (w) => {
    const as = await w.customer();
    await w.cart_line(as);
    return { as, body: { payment_method: "cash_on_delivery" }, foreign: [201, 409],
      admin: [201, 409] };
  },

  // Orders.
  [`GET ${api}/orders`]: async (w, me) => {
    await w.order(me);
    return { query: { limit: 2 } };
  },
  [`POST ${api}/orders`]: async (w) => ({
    body: { items: [{ product_id: (await w.product()).id, quantity: 2 }] } }),
  [`GET ${api}/orders/{id}`]: order(),
  [`PATCH ${api}/orders/{id}`]: order(null, { body: { status: "cancelled" } }),
  [`POST ${api}/orders/{id}/cancel`]: order(),
  [`PUT ${api}/orders/{id}/items/{item_id}`]: async (w, me) => {
    const made = await w.order(me);
    return { ids: { id: made.id, item_id: made.items[0].id }, body: { quantity: 1 },
      foreign: hidden, admin: [200, 403, 404] };
  },
  [`POST ${api}/orders/{id}/payment`]: async (w, me) => {
    const made = await w.order(me, { payment_method: "prepaid" });
    const refused = [401, 403, 404];
    return { ids: { id: made.id }, as: w.roles.admin, nobody: refused, owner: refused,
      foreign: refused, body: { reference: w.name("payment"), amount: made.total_amount } };
  },
  [`GET ${api}/orders/{id}/events`]: order(),
  [`GET ${api}/orders/{id}/stream`]: order("cancelled"),
};

/** A request from the document's own words: examples, and values that its schemas allow. */
function from_document(doc, operation, w) {
  const out = { ids: {}, query: {}, generic: true };
  for (const x of operation.parameters) {
    if (x.in === "path") out.ids[x.name] = x.example ?? some_value(doc, x.schema, w);
    if (x.in === "query" && x.required) out.query[x.name] = x.example ?? some_value(doc, x.schema, w);
  }
  const json = operation.content["application/json"];
  if (json) {
    const example = json.example ?? Object.values(json.examples ?? {})[0]?.value;
    out.body = example ?? some_value(doc, json.schema, w);
  }
  return out;
}

function some_value(doc, schema, w) {
  const s = doc.resolve(schema) ?? {};
  const first = s.oneOf?.[0] ?? s.anyOf?.[0];
  if (first) return some_value(doc, first, w);
  if (s.example !== undefined) return s.example;
  if (s.enum) return s.enum[0];
  const type = [].concat(s.type)[0];
  if (type === "integer" || type === "number") return Math.max(s.minimum ?? 1, 1);
  if (type === "boolean") return false;
  if (type === "array") return (s.minItems ?? 0) > 0 ? [some_value(doc, s.items, w)] : [];
  if (type === "object")
    return Object.fromEntries((s.required ?? []).map(
      (name) => [name, some_value(doc, s.properties[name], w)]));
  if (s.format === "uuid") return w.roles.owner.id;
  if (s.format === "date-time") return new Date(0).toISOString();
  if (s.format === "email") return `${w.name("mail")}@example.org`;
  return w.name("text").padEnd(s.minLength ?? 0, "x").slice(0, s.maxLength ?? 64);
}

/**
 * A sensible request: what its recipe says, `request` (without a token), and `as`, the account that must
 * succeed; none where nobody in particular is needed.
 */
export async function sensible(doc, operation, w) {
  const me = w.roles.owner;
  const recipe = recipes[operation.key] ?? form_recipes[operation.key];
  const made = recipe ? await recipe(w, me) : from_document(doc, operation, w);
  const headers = {};
  let { body } = made;
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const as = made.as ?? { everyone: undefined, user: me, admin: w.roles.admin }[operation.who];
  const target = target_of(operation.path, made.ids, made.query);
  return { ...made, as, request: { method: operation.method, target, headers, body } };
}

/** The path with its parameters in place, and the query. */
export function target_of(path, ids = {}, query = {}) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    if (ids[name] === undefined) throw new Error(`${path}: no value for ${name}`);
    return encodeURIComponent(ids[name]);
  });
  const search = new URLSearchParams(query).toString();
  return search ? `${filled}?${search}` : filled;
}

/** The request with an account's token, or without any. */
export const signed = (request, account) => ({
  ...request,
  headers: account
    ? { ...request.headers, Authorization: `Bearer ${account.token}` } : request.headers,
});
