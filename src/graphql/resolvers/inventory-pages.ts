import { listContainers, type ContainerQuery } from '../../inventory/containers.js';
import { listVolumes, type VolumeQuery } from '../../inventory/volumes.js';
import type { RequestContext } from '../context.js';
import { toContainer, toPage, toVolume } from '../rows.js';
import { ContainerConnection, VolumeConnection } from '../types/connections.js';
import type { VolumeOrder } from '../types/filters.js';
import { pageRequest } from './inputs.js';

/** What a client asks of a page; null is the same as nothing. */
interface PageArguments {
  readonly first: number | null;
  readonly after: string | null;
}

/** One page of volumes, by name where no order is given. */
export async function volumePage(context: RequestContext, query: VolumeQuery, orderBy: VolumeOrder | null, page: PageArguments): Promise<VolumeConnection> {
  const order = orderBy ?? ({ field: 'NAME', direction: 'ASC' } as const);
  const request = pageRequest(context, page.first, page.after);
  return new VolumeConnection(toPage(await listVolumes(context.view, query, order, request, context.columns), toVolume));
}

/** One page of containers, by name. */
export async function containerPage(context: RequestContext, query: ContainerQuery, page: PageArguments): Promise<ContainerConnection> {
  const request = pageRequest(context, page.first, page.after);
  return new ContainerConnection(toPage(await listContainers(context.view, query, request, context.columns), toContainer));
}
