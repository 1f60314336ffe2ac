import { matches, type Entry, type EntryFilter } from './entry.js';

/**
 * Finds who wants an entry without asking everyone: each filter stands under its most telling part, and an entry looks
 * only under its own volume, container, host and type. A thousand filters for other volumes cost it nothing.
 */
export class FilterIndex<Owner extends { readonly filter: EntryFilter }> {
  private readonly byPart = new Map<string, Set<Owner>>();

  add(owner: Owner): void {
    for (const part of partsOf(owner.filter)) {
      const owners = this.byPart.get(part);
      if (owners === undefined) this.byPart.set(part, new Set([owner]));
      else owners.add(owner);
    }
  }

  delete(owner: Owner): void {
    for (const part of partsOf(owner.filter)) {
      const owners = this.byPart.get(part);
      owners?.delete(owner);
      if (owners?.size === 0) this.byPart.delete(part);
    }
  }

  /** Calls `found` once for each owner whose filter takes the entry; returns how many filters were compared with it. */
  match(entry: Entry, found: (owner: Owner) => void): number {
    let compared = 0;
    for (const part of [
      EVERYTHING,
      `volume ${entry.volumeName ?? ''}`,
      `container ${entry.containerName ?? ''}`,
      `host ${entry.hostName ?? ''}`,
      `host id ${entry.hostId ?? ''}`,
      `type ${entry.type}`,
    ]) {
      const owners = this.byPart.get(part);
      if (owners === undefined) continue;
      for (const owner of owners) {
        compared += 1;
        if (matches(entry, owner.filter)) found(owner);
      }
    }
    return compared;
  }
}

const EVERYTHING = 'everything';

/** Where a filter stands: an entry that it takes has exactly one of these parts. */
function partsOf({ volume, container, hosts, hostIds, types }: EntryFilter): readonly string[] {
  if (volume !== undefined) return [`volume ${volume}`];
  if (container !== undefined) return [`container ${container}`];
  if (hosts !== undefined) return hosts.map((host) => `host ${host}`);
  if (hostIds !== undefined) return hostIds.map((id) => `host id ${id}`);
  if (types !== undefined) return types.map((type) => `type ${type}`);
  return [EVERYTHING];
}
