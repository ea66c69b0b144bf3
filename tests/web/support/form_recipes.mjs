// The story in the words of the existing shops: recipes, as in recipes.mjs, of their request forms.
import { some_address } from "./world.mjs";

const hidden = [404];
const barred = [403]; // who may not ask for a user is told the same of each user
const password = "correct horse battery";

const fixed = (more) => async () => ({ ...more });
const product = (more) => async (w) => ({ ids: { product_id: (await w.product()).id }, ...more });
const order = (more) => async (w, me) => ({ ids: { id: (await w.order(me)).id }, foreign: hidden, ...more });
const user = (foreign, more) => async (w, me) => ({ ids: { user_id: me.id }, foreign, ...more });
const line = (more) => async (w, me) => ({
  ids: { product_id: (await w.cart_line(me)).id }, foreign: hidden, admin: hidden, ...more });
const log_in = (name, value) => async (w, me) => ({ body: { [name]: me[value], password: me.password } });
const profile = async (w) => {
  const as = await w.customer();
  return { as, body: { username: as.username, email: as.email, full_name: "Ada Lovelace" },
    foreign: [409], admin: [409] };
};
const items = async (w) => ({ items: [{ product_id: (await w.product()).id, quantity: 2 }] });
const place = async (w) => ({ body: await items(w) });

export const form_recipes = {
  "POST /auth/signup": async (w) => ({ body: { user_name: w.name("ada"), password } }),
  "POST /register": async (w) => ({ body: { email: `${w.name("ada")}@example.org`, password } }),
  "POST /users/register": async (w) => ({
    body: { username: w.name("ada"), full_name: "Ada Lovelace", phone: "+351 21 000 0000", password } }),
  "POST /auth/login": log_in("user_name", "username"),
  "POST /token": log_in("username", "email"),
  "POST /login": log_in("email", "email"),
  "POST /verify-token": fixed({}),
  "GET /users/me": fixed({}),
  "PUT /users/me": profile,
  "PATCH /users/me": fixed({ body: { phone: "+351 21 000 0000" } }),
  "GET /user/{user_id}": user(barred),
  "GET /user/{user_id}/addresses": user(barred),
  "POST /user/{user_id}/addresses": user(barred, { body: some_address }),

  "GET /products": fixed({}),
  "POST /products": async (w) => ({
    body: { name: w.name("desk"), price: 19.99, description: "Oak", category_id: "1" } }),
  "GET /products/{product_id}": product(),
  "PUT /products/{product_id}": product({ body: { name: "A desk", price: 25, description: "Ash" } }),
  "PATCH /products/{product_id}": product({ body: { price: "24.50" } }),
  "DELETE /products/{product_id}": product(),
  "POST /stock": async (w) => ({ body: { product_id: (await w.product()).id, stock: "7" } }),
  "POST /api/v1/category": async (w) => ({ body: { name: w.name("category") } }),
  "POST /api/v1/product": async (w) => ({
    body: { name: w.name("desk"), price: "19.99", quantity: 10, category_id: (await w.category()).id } }),
  "GET /api/v1/products_with_category": async (w) => ({ query: { id: (await w.category()).id } }),

  "GET /cart/items": fixed({}),
  "POST /cart/items": async (w) => ({
    body: { product_id: `${(await w.product()).id}`, quantity: 1 } }),
  "PUT /cart/items/{product_id}": line({ body: { quantity: 3 } }),
  "DELETE /cart/items/{product_id}": line(),
  "GET /users/me/orders": fixed({}),
  "POST /users/me/orders": async (w) => {
    const as = await w.customer();
    await w.cart_line(as);
    return { as, foreign: [200, 409], admin: [200, 409] };
  },

  "POST /order": async (w) => ({ query: { product_id: (await w.product()).id, quantity: 2 } }),
  "GET /order/{id}": order(),
  "PUT /update_order/{id}": async (w, me) => {
    const made = await w.order(me);
    return { ids: { id: made.id }, body: { order_item_id: made.items[0].id, quantity: 1 },
      foreign: hidden, admin: [403] };
  },
  "POST /orders": place,
  "GET /orders/{id}": order(),
  "PATCH /orders/{id}": order({ body: { status: "cancelled" } }),
  "PUT /orders/{id}/status": order({ query: { status: "cancelled" } }),
  "GET /orders/user/{user_id}": user(hidden),
  "GET /users/{user_id}/orders": user(hidden),
  "GET /swagger": fixed({}),
};
