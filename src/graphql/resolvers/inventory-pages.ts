import { listContainers, listContainersOfHosts } from '../../inventory/containers.js';
import { listVolumes, listVolumesOfHosts, type VolumeOrder as OrderOfVolumes } from '../../inventory/volumes.js';
import type { RequestContext } from '../context.js';
import { toContainer, toPage, toVolume } from '../rows.js';
import { ContainerConnection, VolumeConnection } from '../types/connections.js';
import type { ContainerFilter, VolumeFilter, VolumeOrder } from '../types/filters.js';
import { containerQuery, pageRequest, volumeQuery } from './inputs.js';

/** What a client asks of a page; null is the same as nothing. */
interface PageArguments<Filter> {
  readonly first: number | null;
  readonly after: string | null;
  readonly filter: Filter | null;
}
type VolumeArguments = PageArguments<VolumeFilter> & { readonly orderBy: VolumeOrder | null };

/** The order where none is given. */
const BY_NAME: OrderOfVolumes = { field: 'NAME', direction: 'ASC' };

/** One page of volumes, by name where no order is given. */
export async function volumePage(context: RequestContext, { first, after, filter, orderBy }: VolumeArguments): Promise<VolumeConnection> {
  const { services, columns } = context;
  const page = await listVolumes(services.database, volumeQuery(filter), orderBy ?? BY_NAME, pageRequest(context, first, after), columns);
  return new VolumeConnection(toPage(page, toVolume));
}

/** The same of the volumes of one host; hosts that are asked for the same are read together. */
export async function volumePageOfHost(context: RequestContext, hostId: string, asked: VolumeArguments): Promise<VolumeConnection> {
  const { services, columns, loaders } = context;
  const request = pageRequest(context, asked.first, asked.after);
  const pages = loaders.pages('Host.volumes', asked, (hostIds) =>
    listVolumesOfHosts(services.database, hostIds, volumeQuery(asked.filter), asked.orderBy ?? BY_NAME, request, columns),
  );
  return new VolumeConnection(toPage(await pages.load(hostId), toVolume));
}

/** One page of containers, by name. */
export async function containerPage(context: RequestContext, { first, after, filter }: PageArguments<ContainerFilter>): Promise<ContainerConnection> {
  const { services, columns } = context;
  const page = await listContainers(services.database, containerQuery(filter, services.sensitivePaths), pageRequest(context, first, after), columns);
  return new ContainerConnection(toPage(page, toContainer));
}

/** The same of the containers of one host; hosts that are asked for the same are read together. */
export async function containerPageOfHost(context: RequestContext, hostId: string, asked: PageArguments<ContainerFilter>): Promise<ContainerConnection> {
  const { services, columns, loaders } = context;
  const request = pageRequest(context, asked.first, asked.after);
  const pages = loaders.pages('Host.containers', asked, (hostIds) =>
    listContainersOfHosts(services.database, hostIds, containerQuery(asked.filter, services.sensitivePaths), request, columns),
  );
  return new ContainerConnection(toPage(await pages.load(hostId), toContainer));
}
