// A plain HTTP client: what is given is what is sent.
import http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

/** Ends the connections that are kept open, so that the program can end. */
export const close_connections = () => agent.destroy();

/**
 * Sends one request and resolves with {status, headers, text, type}. `body`: text as it is. An event
 * stream is left after its head. Fails after `limit` milliseconds.
 */
export function send(origin, { method, target, headers = {}, body }, limit = 30_000) {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const req = http.request(origin + target, {
      method,
      agent,
      timeout: limit,
      headers: bytes ? { ...headers, "Content-Length": bytes.length } : headers,
    });
    req.on("timeout", () => req.destroy(new Error(`no answer to ${method} ${target}`)));
    req.on("error", reject);
    req.on("response", (res) => {
      const type = (res.headers["content-type"] ?? "").split(";")[0].trim();
      const done = (text) => resolve({ status: res.statusCode, headers: res.headers, text, type });
      if (type === "text/event-stream") {
        req.on("error", () => {});
        res.destroy();
        done("");
        return;
      }
      const parts = [];
      res.on("data", (part) => parts.push(part));
      res.on("error", reject);
      res.on("end", () => done(Buffer.concat(parts).toString("utf8")));
    });
    req.end(bytes);
  });
}

/** The body as JSON; undefined where there is none. */
export const json_of = (answer) =>
  /json$/.test(answer.type) && answer.text ? JSON.parse(answer.text) : undefined;
