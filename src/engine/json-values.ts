/** Values of a JSON that somebody else wrote, as far as they are of the kind that is needed; empty where they are not. */

type Raw = Readonly<Record<string, unknown>>;

export function asRecord(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Null bytes become U+FFFD: PostgreSQL keeps none, and one label must not keep a host from being read. */
export function asText(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
}
