// The npm packages, which lie in the build directory and not beside the tests.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Where `npm ci` put them. */
export const place =
  process.env.SOUK_TEST_WEB_PACKAGES ?? path.resolve(here, "../../../build/web-tests");

/** A package as CommonJS offers it. */
export const load = createRequire(path.join(place, "package.json"));

/** The path of a package's program. */
export function program(name, bin) {
  const file = path.join(place, "node_modules", name, "package.json");
  return path.join(path.dirname(file), load(file).bin[bin]);
}
