import { badInput } from '../problems.js';
import { isUuid } from '../inventory/pages.js';

/** Types that `node` finds. An id is `Type:key`, so that it tells what it is. */
export type NodeType = 'Host' | 'Volume' | 'Container' | 'Mount' | 'Share' | 'LifecycleEvent' | 'Operation' | 'Backup' | 'AccessToken';

export function formatId(type: NodeType, key: string): string {
  return `${type}:${key}`;
}

/** @throws {Problem} BAD_USER_INPUT for what is no id of this schema. */
export function parseId(id: string): { type: string; key: string } {
  const separator = id.indexOf(':');
  const type = id.slice(0, separator);
  const key = id.slice(separator + 1);
  const isKey = type === 'LifecycleEvent' ? /^\d{1,18}$/.test(key) : isUuid(key);
  if (separator > 0 && /^[A-Za-z]+$/.test(type) && isKey) return { type, key };
  throw badInput('id is not an id of this gateway. Give back an id just as it was received.');
}

/** The key of an id that must be of one type. @throws {Problem} BAD_USER_INPUT. */
export function parseIdOf(type: NodeType, id: string): string {
  const parsed = parseId(id);
  if (parsed.type === type) return parsed.key;
  throw badInput(`id is the id of a ${parsed.type}, not of a ${type}.`);
}
