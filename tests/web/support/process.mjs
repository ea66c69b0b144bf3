// Child processes that are told to end, and are ended.
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

/**
 * Starts a program and resolves with {child, found, text()} when its output has what `ready` matches;
 * rejects when it ends or `limit` milliseconds pass before.
 */
export async function start(argv, { ready, limit = 60_000, ...options }) {
  const child = spawn(argv[0], argv.slice(1), { stdio: ["ignore", "pipe", "pipe"], ...options });
  let text = "";
  let timer;
  try {
    const found = await new Promise((resolve, reject) => {
      const take = (bytes) => {
        text = (text + bytes).slice(-100_000);
        const match = ready.exec(text);
        if (match) resolve(match);
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`${argv[0]} ended with ${code}: ${text}`)));
      timer = setTimeout(() => reject(new Error(`${argv[0]} is not ready: ${text}`)), limit);
    });
    return { child, found, text: () => text };
  } catch (error) {
    await stop(child);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** SIGTERM, after 20 seconds SIGKILL. Resolves with the exit code, null if it was killed. */
export async function stop(child) {
  if (child.pid === undefined) return null;
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const [code] = await ended;
  clearTimeout(timer);
  return code;
}

/** A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves. */
export async function free_port() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
