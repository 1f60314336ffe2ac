import { badInput } from '../problems.js';

/**
 * The engine's own rule for names of volumes and containers (moby `daemon/names.RestrictedNamePattern`): at least two
 * characters, of which the first is a letter or digit. A name becomes part of an API path, so that anything else,
 * such as `../containers/x`, would be another call; it is refused before a request is made.
 */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** The engine's limit for volume names; containers have none of their own and are held to the same. */
export const MAX_NAME_LENGTH = 255;

const OBJECT_ID = /^[0-9a-f]{64}$/;
/** A volume that the engine named itself: 64 hex digits, as `docker run -v /path` makes them. */
const ANONYMOUS_NAME = /^[0-9a-f]{64}$/;
/** Label that engines from 23.0 put on the volumes they name themselves. */
const ANONYMOUS_LABEL = 'com.docker.volume.anonymous';

/**
 * Label by which a created volume is told from one that was there: the engine answers 201 for both and gives back what is
 * there. Of many creations at once exactly one finds its own nonce.
 */
export const NONCE_LABEL = 'io.stowage.nonce';

const MAX_LABELS = 64;
const MAX_LABEL_KEY_LENGTH = 128;
const MAX_LABEL_VALUE_LENGTH = 4096;

const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** A label, driver option or variable as users give it, before it is checked. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** Whether the engine could have a volume or container of that name. */
export function isObjectName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name);
}

/** Whether this is a full id; the engine would take any unique prefix, and so perhaps another object. */
export function isObjectId(id: string): boolean {
  return OBJECT_ID.test(id);
}

/** Whether the engine gave this volume its name, from its label or, before 23.0, from the name itself. */
export function isAnonymousVolume(name: string, labels: Readonly<Record<string, string>>): boolean {
  return ANONYMOUS_LABEL in labels || ANONYMOUS_NAME.test(name);
}

/** @throws {Problem} BAD_USER_INPUT naming the `field` and the rule. */
export function checkObjectName(field: string, name: string): string {
  if (isObjectName(name)) return name;
  if (name === '') throw badInput(`${field} is empty.`);
  if (name.length > MAX_NAME_LENGTH) {
    throw badInput(`${field} has ${String(name.length)} characters; at most ${String(MAX_NAME_LENGTH)} are allowed.`);
  }
  throw badInput(`${field} ${quote(name)} is no name that an engine takes: two or more letters, digits, "_", "." and "-", the first a letter or digit.`);
}

/**
 * Checks the name of a host. Hosts are named by the same rule as volumes, so that a name is never mistaken for an endpoint or
 * an option; one character is enough.
 * @throws {Problem} BAD_USER_INPUT naming the `field` and the rule.
 */
export function checkHostName(field: string, name: string): string {
  return /^[a-zA-Z0-9]$/.test(name) ? name : checkObjectName(field, name);
}

/** @throws {Problem} BAD_USER_INPUT unless it is the full id of 64 hex digits. */
export function checkObjectId(field: string, id: string): string {
  if (isObjectId(id)) return id;
  throw badInput(`${field} is not an id of 64 hex digits.`);
}

/**
 * Checks key and value of everything that goes to the engine as a label, driver option or variable.
 * @throws {Problem} BAD_USER_INPUT naming the `field` and the rule that was broken.
 */
export function checkKeyValues(field: string, pairs: readonly KeyValue[]): Record<string, string> {
  if (pairs.length > MAX_LABELS) throw badInput(`${field} has ${String(pairs.length)} entries; at most ${String(MAX_LABELS)} are allowed.`);
  const checked: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const { key, value } of pairs) {
    if (key === '' || key.length > MAX_LABEL_KEY_LENGTH || CONTROL_CHARACTER.test(key)) {
      throw badInput(`${field}: the key ${quote(key)} is empty, longer than ${String(MAX_LABEL_KEY_LENGTH)} characters, or has control characters.`);
    }
    if (value.length > MAX_LABEL_VALUE_LENGTH || value.includes('\0')) {
      throw badInput(`${field}: the value of ${quote(key)} is longer than ${String(MAX_LABEL_VALUE_LENGTH)} characters or has a null byte.`);
    }
    if (!key.isWellFormed() || !value.isWellFormed()) throw badInput(`${field}: ${quote(key)} is not well-formed Unicode.`);
    if (key in checked) throw badInput(`${field}: ${quote(key)} is given twice.`);
    checked[key] = value;
  }
  return { ...checked };
}

/** A user's text inside a message: bounded and on one line. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(shown);
}
