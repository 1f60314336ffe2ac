import type { NewEntry } from '../journal/entry.js';
import type { Spot } from './place-index.js';

/** Containers of a share that an entry of the journal names; what reaches `/` may be shared with thousands. */
const MAX_NAMED_CONTAINERS = 100;

/**
 * What an entry of the journal says of a share: its containers by name, and how many write. `names` are those of the
 * containers by our id; `members` are none when the share was dissolved.
 */
export function shareAttributes(
  share: { readonly kind: string; readonly identity: string },
  members: readonly Pick<Spot, 'containerId' | 'readOnly'>[],
  names: ReadonlyMap<string, string>,
): NewEntry['attributes'] {
  const containers = new Set(members.map(({ containerId }) => containerId));
  const writers = new Set(members.flatMap(({ containerId, readOnly }) => (readOnly ? [] : [containerId])));
  return {
    kind: share.kind,
    identity: share.identity,
    containers: [...containers]
      .map((id) => names.get(id) ?? id)
      .sort()
      .slice(0, MAX_NAMED_CONTAINERS),
    writers: writers.size,
    readers: containers.size - writers.size,
  };
}
