import type { Database } from '../../database/client.js';
import { listContainers, type ContainerQuery } from '../../inventory/containers.js';
import { listVolumes, type VolumeQuery } from '../../inventory/volumes.js';
import { toContainer, toPage, toVolume } from '../rows.js';
import { ContainerConnection, VolumeConnection } from '../types/connections.js';
import type { VolumeOrder } from '../types/filters.js';
import { DEFAULT_PAGE_SIZE } from './inputs.js';

/** What a client asks of a page; null is the same as nothing. */
interface PageArguments {
  readonly first: number | null;
  readonly after: string | null;
}

/** One page of volumes, by name where no order is given. */
export async function volumePage(database: Database, query: VolumeQuery, orderBy: VolumeOrder | null, page: PageArguments): Promise<VolumeConnection> {
  const order = orderBy ?? ({ field: 'NAME', direction: 'ASC' } as const);
  return new VolumeConnection(toPage(await listVolumes(database, query, order, { first: page.first ?? DEFAULT_PAGE_SIZE, after: page.after }), toVolume));
}

/** One page of containers, by name. */
export async function containerPage(database: Database, query: ContainerQuery, page: PageArguments): Promise<ContainerConnection> {
  return new ContainerConnection(toPage(await listContainers(database, query, { first: page.first ?? DEFAULT_PAGE_SIZE, after: page.after }), toContainer));
}
