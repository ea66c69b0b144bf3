// The server's /openapi.json: its operations, and whether an answer is one that it describes.
import { json_of, send } from "./client.mjs";
import { load } from "./packages.mjs";

const methods = ["get", "put", "post", "patch", "delete"];

const escape = (text) => text.replaceAll("~", "~0").replaceAll("/", "~1");

export class document {
  static async read(origin) {
    const answer = await send(origin, { method: "GET", target: "/openapi.json" });
    if (answer.status !== 200) throw new Error(`/openapi.json answers ${answer.status}`);
    return new document(JSON.parse(answer.text));
  }

  constructor(content) {
    const Ajv = load("ajv/dist/2020").default;
    this.content = content;
    this.ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
    load("ajv-formats").default(this.ajv);
    this.ajv.addSchema(content, "document");
    this.validators = new Map();
    this.operations = [];
    for (const [path, item] of Object.entries(content.paths))
      for (const method of methods)
        if (item[method]) this.operations.push(this.#operation(path, method, item));
    if (this.operations.length < 10) throw new Error("the document describes hardly anything");
  }

  /** Follows a reference into the document, if it is one. */
  resolve(x) {
    if (!x?.$ref) return x;
    const parts = x.$ref.slice(2).split("/");
    const to = parts.reduce(
      (at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], this.content);
    if (to === undefined) throw new Error(`${x.$ref} leads nowhere`);
    return this.resolve(to);
  }

  #operation(path, method, item) {
    const described = item[method];
    const parameters = [...(item.parameters ?? []), ...(described.parameters ?? [])]
      .map((x) => this.resolve(x));
    return {
      key: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      id: described.operationId,
      described,
      parameters,
      content: this.resolve(described.requestBody)?.content ?? {},
      who: who_may(described),
      form: described.tags?.includes("forms") ?? false,
      pointer: `#/paths/${escape(path)}/${method}`,
    };
  }

  /** What is wrong with an answer, in words; nothing if the document describes it. */
  objections(operation, answer, head = false) {
    const out = [];
    const { status, headers, type, text } = answer;
    const responses = operation.described.responses;
    if (status >= 500 && !(status === 503 && headers["retry-after"]))
      out.push(`${status} is no answer but a fault`);
    if (status === 503 && text.includes('"outcome_unknown"'))
      out.push("the outcome is unknown, and nothing was taken away from the server");
    out.push(...header_objections(status, headers, this.resolve(responses[status])));
    const entry = responses[status];
    if (!entry) return [...out, `status ${status} is not documented`];
    if (status >= 400 && !head) {
      if (type !== "application/problem+json") out.push(`an error is a problem, not ${type}`);
      else out.push(...problem_objections(JSON.parse(text), status));
    }
    const described = this.resolve(entry).content;
    if (head || !text) {
      if (described && !head && type !== "text/event-stream") out.push("the body is missing");
      return out;
    }
    if (!described) return [...out, `a body, ${type}, is not documented`];
    if (!described[type]) return [...out, `content type ${type} is not documented`];
    if (described[type].schema && /json$/.test(type))
      out.push(...this.#schema_objections(operation, status, type, entry, JSON.parse(text)));
    return out;
  }

  #schema_objections(operation, status, type, entry, value) {
    const base = entry.$ref ?? `${operation.pointer}/responses/${status}`;
    const at = `document${base}/content/${escape(type)}/schema`;
    if (!this.validators.has(at)) this.validators.set(at, this.ajv.compile({ $ref: encodeURI(at) }));
    const check = this.validators.get(at);
    return check(value) ? [] : [this.ajv.errorsText(check.errors)];
  }
}

/** Who may call an operation: "everyone", "user" or "admin". */
function who_may(described) {
  if (!described.security?.length) return "everyone";
  return described["x-access"]
    ?? (described.responses["403"]?.$ref?.endsWith("/Forbidden") ? "admin" : "user");
}

/** The headers that an answer of its kind must have. */
function header_objections(status, headers, described) {
  const needed = ["x-request-id"];
  if (status === 401) needed.push("www-authenticate");
  if (status === 429 || status === 503) needed.push("retry-after");
  if (status === 201 && described?.headers?.Location) needed.push("location");
  return needed.filter((x) => !headers[x]).map((x) => `there is no ${x}`);
}

function problem_objections(problem, status) {
  const out = [];
  if (problem.status !== status) out.push(`a problem of ${status} says ${problem.status}`);
  if (!/^[a-z][a-z_]*$/.test(problem.code ?? "")) out.push("a problem needs a code in snake_case");
  return out;
}

/** A short text of an exchange, for failures. */
export function tell(request, answer) {
  const body = request.body === undefined ? "" : ` ${request.body.slice(0, 400)}`;
  const headers = { ...request.headers };
  if (headers.Authorization?.length > 60) headers.Authorization = "(a token)";
  return `${request.method} ${request.target} ${JSON.stringify(headers)}${body}\n`
    + `  -> ${answer.status} ${answer.type} ${answer.text.slice(0, 600)}`;
}

/** The JSON body of an answer that must have a status below 400. */
export function wanted(request, answer) {
  if (answer.status >= 400) throw new Error(`refused: ${tell(request, answer)}`);
  return json_of(answer);
}
