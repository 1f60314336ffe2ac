import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import type { Host } from '../inventory/hosts.js';
import type { Changes } from '../inventory/changes.js';
import type { HostPicture } from '../inventory/picture.js';
import type { Pending } from './pending-objects.js';

/** More volumes than this to look at one by one on a host, and everything is listed there. */
const MAX_LOOKS = 32;

/** A volume of a driver with scope global that went from one host. */
export interface GlobalRemoval {
  readonly driver: string;
  readonly name: string;
  /** Who removed it through the gateway. */
  readonly actor: string | undefined;
}

/** What is needed of another host. */
interface Looker {
  look(kind: 'volume', name: string, actor?: string): Promise<void>;
  syncNow(): Promise<void>;
}

/** Removals that this host told of, of volumes that it was not known to have: an engine removes what another one has made. */
export function removalsOfUnknown({ objects }: Pending, { volumes }: HostPicture): GlobalRemoval[] {
  return [...objects.values()].flatMap(({ kind, key, removedFrom, actor }) =>
    // Nothing of the driver `local` is on another host.
    kind === 'volume' && removedFrom !== undefined && removedFrom !== 'local' && !volumes.has(key) ? [{ driver: removedFrom, name: key, actor }] : [],
  );
}

export function globalRemovals({ removedVolumes, entries }: Changes): GlobalRemoval[] {
  return removedVolumes.flatMap(({ volume }) => {
    if (volume.scope !== 'global') return [];
    const actor = entries.find((entry) => entry.type === 'VOLUME_REMOVED' && entry.volume?.id === volume.id)?.actor;
    return [{ driver: volume.driver, name: volume.name, actor }];
  });
}

/**
 * Looks on all other hosts at volumes of scope global that went from one: they are one piece of data, and the engines of the
 * others say no word of it. What cannot be looked at now shows when its host is compared next.
 */
export async function lookOnOtherHosts(
  context: { readonly database: Database; readonly log: Logger; readonly of: (host: Host) => Looker },
  hostId: string,
  removals: readonly GlobalRemoval[],
): Promise<void> {
  const { database, log } = context;
  try {
    const rows = await database.volume.findMany({
      where: {
        ...{ scope: 'global', removedAt: null, hostId: { not: hostId }, name: { in: removals.map(({ name }) => name) } },
        host: { enabled: true, status: 'ONLINE' },
      },
      include: { host: true },
    });
    const looks = new Map<string, { host: Host; found: GlobalRemoval[] }>();
    for (const { host, driver, name } of rows) {
      const removal = removals.find((one) => one.driver === driver && one.name === name);
      if (removal === undefined) continue;
      const here = looks.get(host.id) ?? { host, found: [] };
      here.found.push(removal);
      looks.set(host.id, here);
    }
    await Promise.all(
      [...looks.values()].map(async ({ host, found }) => {
        const link = context.of(host);
        if (found.length > MAX_LOOKS) await link.syncNow();
        else await Promise.all(found.map(({ name, actor }) => link.look('volume', name, actor)));
      }),
    );
  } catch (error) {
    log.debug({ err: error }, 'volumes of scope global cannot be looked at on other hosts now');
  }
}
