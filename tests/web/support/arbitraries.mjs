// Values that a schema allows, and values that it may not: as fast-check's arbitraries.
import { load } from "./packages.mjs";

export const fc = load("fast-check");

const rare = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", " ", "\u0000", "a\u0000b", "\ud800", "null", "true", "0", "-1", "1e999", "' or 1=1--",
    "%00", "../../etc/passwd", "${x}", "\u202e", "A".repeat(300), "\u{1f600}".repeat(70)));

/** Anything but what is likely to be allowed. */
export const unfit_value = fc.oneof(
  rare,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, true, -1, 0, 0.5, 1e21, 9007199254740992, -9007199254740992, [], {}, [[]]));

function strings(s) {
  if (s.enum) return fc.constantFrom(...s.enum);
  const min = s.minLength ?? 0;
  const max = Math.min(s.maxLength ?? 40, min + 40);
  if (s.format === "uuid") return fc.uuid();
  if (s.format === "email") return fc.emailAddress({ size: "small" });
  if (s.format === "date-time")
    return fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
      .map((x) => x.toISOString());
  if (s.pattern) return fc.stringMatching(new RegExp(s.pattern), { size: "small" });
  const plain = fc.string({ minLength: min, maxLength: max });
  return fc.oneof({ weight: 4, arbitrary: plain },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: min, maxLength: max }) });
}

function integers(s) {
  const min = s.minimum ?? -1000;
  const max = s.maximum ?? 1_000_000;
  const small = fc.integer({ min: Math.max(min, -20), max: Math.min(max, Math.max(min, 0) + 20) });
  return fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: fc.constantFrom(min, max) });
}

/** Values of a schema. `ids(name)`: an arbitrary for a member that names an object, or nothing. */
export function values_of(doc, schema, ids, name = "") {
  const s = doc.resolve(schema) ?? {};
  const known = ids(name, s);
  if (known) return known;
  const ways = s.oneOf ?? s.anyOf;
  if (ways) return fc.oneof(...ways.map((x) => values_of(doc, x, ids, name)));
  switch ([].concat(s.type)[0]) {
    case "null": return fc.constant(null);
    case "boolean": return fc.boolean();
    case "integer": return integers(s);
    case "number": return fc.integer({ min: 0, max: 100_000 }).map((x) => x / 100);
    case "string": return strings(s);
    case "array": {
      const minLength = s.minItems ?? 0;
      return fc.array(values_of(doc, s.items, ids, name),
        { minLength, maxLength: Math.min(s.maxItems ?? 3, minLength + 3) });
    }
    case "object": {
      const members = Object.entries(s.properties ?? {});
      const each = members.map(([key, x]) => [key, values_of(doc, x, ids, key)]);
      const needed = each.filter(([key]) => s.required?.includes(key));
      const whole = fc.record(Object.fromEntries(each), { requiredKeys: s.required ?? [] });
      // Some optional members exclude each other.
      return needed.length > 0 ? fc.oneof(whole, fc.record(Object.fromEntries(needed))) : whole;
    }
    default: return fc.jsonValue({ maxDepth: 1 });
  }
}

/** A value with one place changed: a member of it, at any depth, becomes something else or goes. */
export function spoiled(value) {
  const places = [];
  const walk = (x, path) => {
    places.push(path);
    if (x && typeof x === "object")
      for (const key of Object.keys(x)) walk(x[key], [...path, key]);
  };
  walk(value, []);
  return fc.tuple(fc.constantFrom(...places), fc.option(unfit_value, { nil: undefined }))
    .map(([path, unfit]) => with_place(value, path, unfit));
}

function with_place(value, path, unfit) {
  if (path.length === 0) return unfit ?? null;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const [key, ...rest] = path;
  if (rest.length > 0) copy[key] = with_place(copy[key], rest, unfit);
  else if (unfit !== undefined) copy[key] = unfit;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}
