// Drives every documented operation as nobody, as the owner, as another user and as an administrator.
// Against a server of its own: who may what follows from the document, the rest from the recipes.
import { findings, run } from "./support/check.mjs";
import { send } from "./support/client.mjs";
import { document, tell } from "./support/document.mjs";
import { sensible, signed, target_of } from "./support/recipes.mjs";
import { with_server } from "./support/server.mjs";
import { world } from "./support/world.mjs";

const roles = ["nobody", "owner", "other", "admin"];

/** The statuses that a role may get; nothing: any that is documented, and no 401 if it has a token. */
function expected(operation, role, plan) {
  const good = plan.expect ?? [200, 201, 202, 204];
  if (operation.who !== "everyone" && role === "nobody") return [401];
  if (operation.who === "admin" && role !== "admin") return [403];
  if (plan.generic) return undefined;
  return { nobody: plan.nobody, owner: plan.owner, other: plan.foreign, admin: plan.admin }[role] ?? good;
}

/** What may be sent besides, and must not tell whether there is such an object. */
const extras = [
  {}, { "If-Match": '"v1"' }, { "If-Match": '"v999", "v998"' }, { "If-None-Match": '"v1"' },
  { "If-None-Match": "*" }, { "Idempotency-Key": "" }, { body: "{}" }, { body: "{" },
];

/** All that a client sees of an answer, but for what differs from one to the next. */
function face(answer) {
  const headers = { ...answer.headers };
  for (const x of ["date", "x-request-id", "content-length"]) delete headers[x];
  const body = answer.text && { ...JSON.parse(answer.text), instance: "" };
  return JSON.stringify([answer.status, headers, body]);
}

/** What tells someone else's object from a missing one, whatever else is sent; empty: nothing. */
async function unlike_missing(w, operation, plan, as) {
  const ids = { ...plan.ids, [Object.keys(plan.ids)[0]]: missing_id(plan.ids) };
  for (const { body, ...headers } of extras) {
    const request = signed({ ...plan.request, body: body ?? plan.request.body }, as);
    const keyed = "Idempotency-Key" in headers;
    const ask = (target) => send(w.origin, { ...request, target, headers: {
      ...request.headers, ...headers, ...(keyed ? { "Idempotency-Key": w.name("key") } : {}) } });
    const foreign = face(await ask(plan.request.target));
    const missing = face(await ask(target_of(operation.path, ids, plan.query)));
    if (foreign !== missing)
      return `${JSON.stringify(headers)} ${body ?? ""}: ${foreign}, ${missing}`;
  }
  return "";
}

const missing_id = (ids) =>
  typeof Object.values(ids)[0] === "string" ? "00000000-0000-7000-8000-00000000dead" : 2 ** 52;

run(() => with_server(async (origin) => {
  const doc = await document.read(origin);
  const w = await world.make(origin, doc);
  const found = new findings();
  for (const operation of doc.operations) {
    for (const role of roles) {
      const plan = await sensible(doc, operation, w); // fresh objects for each
      let as = role === "nobody" ? undefined : w.roles[role];
      if (role === "owner" && plan.as && operation.who === "user" && !plan.owner) as = plan.as;
      if (plan.ends && role !== "nobody" && role !== "owner") {
        as = role === "admin" ? await w.administrator() : await w.customer();
        if (as === w.keeper) continue;
      }
      const request = signed(plan.request, as);
      const answer = await send(origin, request);
      const may = expected(operation, role, plan);
      const text = () => `${role} (${may ?? "not 401"}): ${tell(request, answer)}`;
      if (may) found.check(may.includes(answer.status), text);
      else if (operation.who !== "everyone") found.check(answer.status !== 401, text);
      for (const x of doc.objections(operation, answer))
        found.check(false, () => `${x}: ${text()}`);
      if (answer.status === 404 && may?.length === 1) {
        const unlike = await unlike_missing(w, operation, plan, as);
        found.check(!unlike,
          () => `another's object is unlike a missing one: ${unlike}\n${text()}`);
      }
      if (as && /logout|auth\/password$/.test(operation.path)) await w.revive("other");
      if (as === w.roles.admin && /logout/.test(operation.path)) await w.revive("admin");
    }
  }
  found.report(`${doc.operations.length} operations, ${roles.length} roles`);
}));
