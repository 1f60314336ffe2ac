import { maskOptions } from './driver-options.js';
import type { KnownVolume, TextRecord, VolumeFacts } from './picture.js';

/**
 * What an engine's words about a name say of the volume that is known under it: it is as it was, it is the same with other
 * facts, or it is another volume. Driver, scope, options and labels cannot change in a volume's life, and engines from 24.0
 * keep CreatedAt (`trustsCreatedAt`; moby#44719).
 */
export function compareVolume(known: KnownVolume, facts: VolumeFacts, trustsCreatedAt: boolean): 'SAME' | 'CHANGED' | 'ANOTHER' {
  const options = known.optionsMasked ? maskOptions(facts.options) : facts.options;
  if (known.driver !== facts.driver || known.scope !== facts.scope || !sameText(known.options, options) || !sameText(known.labels, facts.labels)) {
    return 'ANOTHER';
  }
  if (trustsCreatedAt && facts.createdAt !== null && known.createdAt !== facts.createdAt && known.createdAtFixed) return 'ANOTHER';
  const tellsCreatedAt = facts.createdAt !== null && (known.createdAt === null || (trustsCreatedAt && !known.createdAtFixed));
  return tellsCreatedAt || known.optionsMasked || known.mountpoint !== facts.mountpoint ? 'CHANGED' : 'SAME';
}

/**
 * Whether what an engine tells of a name now is still the volume of a row that was read a moment ago: a last look before what
 * cannot be undone.
 */
export function isStillThat(
  row: { readonly driver: string; readonly labels: unknown; readonly createdAt: Date | null; readonly createdAtFixed: boolean },
  facts: { readonly driver: string; readonly labels: TextRecord; readonly createdAt: Date | undefined },
): boolean {
  // Labels are written by the store, as text.
  if (row.driver !== facts.driver || !sameText(row.labels as TextRecord, facts.labels)) return false;
  return !row.createdAtFixed || facts.createdAt === undefined || row.createdAt?.getTime() === facts.createdAt.getTime();
}

function sameText(a: TextRecord, b: TextRecord): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (a[key] !== b[key]) return false;
  return true;
}
