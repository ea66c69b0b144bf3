// A small shop to send requests to: accounts with tokens, and fresh objects of every kind, made through
// the API itself. What the document does not know (yet) is not made.
import crypto from "node:crypto";
import { send } from "./client.mjs";
import { tell, wanted } from "./document.mjs";
import { admin } from "./server.mjs";

const api = "/api/v1";

export class world {
  /** Accounts: `keeper` is the first administrator and never lent out; see `roles`. */
  static async make(origin, doc) {
    const out = new world(origin, doc);
    out.keeper = { ...admin };
    await out.log_in(out.keeper);
    for (const role of Object.keys(out.roles)) await out.revive(role);
    return out;
  }

  constructor(origin, doc) {
    this.origin = origin;
    this.doc = doc;
    this.known = new Set(doc.operations.map((x) => x.key));
    this.roles = { owner: null, other: null, admin: null };
    this.made = 0;
  }

  /** A name that nobody has had. */
  name(what = "name") {
    this.made += 1;
    return `${what}${this.made}-${crypto.randomBytes(4).toString("hex")}`;
  }

  /** Sends as an account (or as nobody); a `body` that is no text becomes JSON. */
  async send(method, target, { as, body, headers = {} } = {}) {
    const request = { method, target, headers: { ...headers } };
    if (as) request.headers.Authorization = `Bearer ${as.token}`;
    if (body !== undefined) {
      request.body = typeof body === "string" ? body : JSON.stringify(body);
      request.headers["Content-Type"] ??= "application/json";
    }
    const answer = await send(this.origin, request);
    return { request, answer };
  }

  /** As `send`, for what must succeed: the answer's JSON. */
  async get(method, target, options) {
    const { request, answer } = await this.send(method, target, options);
    return wanted(request, answer);
  }

  async log_in(account) {
    const { username, password } = account;
    const token = await this.get("POST", `${api}/auth/login`, { body: { username, password } });
    account.token = token.access_token;
    account.refresh_token = token.refresh_token;
    return account;
  }

  /** A new customer who is logged in. */
  async customer() {
    const username = this.name("user");
    const account = { username, password: `a good secret ${username}` };
    account.email = `${username}@example.org`;
    const made = await this.get("POST", `${api}/auth/register`, { body: { ...account } });
    account.id = made.id;
    return this.log_in(account);
  }

  /** A new administrator, where accounts can be given that role; else the first one. */
  async administrator() {
    if (!this.known.has(`PUT ${api}/users/{user_id}/role`)) return this.log_in(this.keeper);
    const account = await this.customer();
    await this.get("PUT", `${api}/users/${account.id}/role`, {
      as: this.keeper, body: { role: "ADMIN" } });
    return this.log_in(account);
  }

  /** Gives a role a new account, e.g. after its tokens were ended. */
  async revive(role) {
    const account = role === "admin" ? await this.administrator() : await this.customer();
    this.roles[role] = account;
    return account;
  }

  /** Gives a new account to every role whose own is gone, or has another role by now. */
  async revive_all() {
    await this.log_in(this.keeper);
    for (const [role, as] of Object.entries(this.roles)) {
      const { answer } = await this.send("GET", `${api}/users/me`, { as });
      const now = answer.status === 200 ? JSON.parse(answer.text).role : "";
      if (now !== (role === "admin" ? "ADMIN" : "USER")) await this.revive(role);
    }
  }

  /** A product with that much stock. */
  async product(quantity = 1000) {
    return this.get("POST", `${api}/products`, {
      as: this.keeper, body: { name: this.name("product"), price: 19.99, quantity } });
  }

  async category() {
    return this.get("POST", `${api}/categories`, {
      as: this.keeper, body: { name: this.name("category") } });
  }

  async address(as) {
    return this.get("POST", `${api}/users/me/addresses`, { as, body: some_address });
  }

  async order(as, more = {}) {
    const product = await this.product();
    return this.get("POST", `${api}/orders`, {
      as, body: { items: [{ product_id: product.id, quantity: 2 }], ...more } });
  }

  /** An order that has come to `status`, which is not pending. */
  async order_in(status, as, more = {}) {
    const order = await this.order(as, more);
    const ways = {
      confirmed: ["confirmed"],
      shipped: ["confirmed", "shipped"],
      delivered: ["confirmed", "shipped", "delivered"],
      cancelled: ["cancelled"],
    };
    for (const next of ways[status]) await this.step(order, next);
    return order;
  }

  /** One step of the life cycle; the worker that confirms orders may be faster with the first. */
  async step(order, status) {
    const { request, answer } = await this.send("PATCH", `${api}/orders/${order.id}`, {
      as: this.keeper, body: { status } });
    if (answer.status === 200) return;
    const now = await this.get("GET", `${api}/orders/${order.id}`, { as: this.keeper });
    if (now.status !== status) throw new Error(`refused: ${tell(request, answer)}`);
  }

  /** A product in that account's cart. */
  async cart_line(as) {
    const product = await this.product();
    await this.get("POST", `${api}/cart/items`, {
      as, body: { product_id: product.id, quantity: 1 } });
    return product;
  }
}

export const some_address = {
  street: "1 Harbour Street", city: "Lisbon", state: null, postal_code: "1100-001",
  country: "Portugal", is_default: false,
};
