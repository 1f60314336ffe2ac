import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { wasRead } from '../../inventory/columns.js';
import { listShares } from '../../inventory/lookups.js';
import type { MountPart } from '../../inventory/volumes.js';
import { risksOfShare } from '../../inventory/share-risks.js';
import type { RequestContext } from '../context.js';
import { toContainer, toHost, toMount, toPage, toShare, toVolume } from '../rows.js';
import { ShareConnection } from '../types/connections.js';
import { ShareRisk } from '../types/enums.js';
import { ShareFilter } from '../types/filters.js';
import { Container, Host, Mount, Share, Volume } from '../types/inventory.js';
import { DEFAULT_PAGE_SIZE, pageRequest, shareQuery } from './inputs.js';
import { loadAll } from './required.js';

@Resolver(() => Share)
export class ShareResolver {
  @Query(() => ShareConnection, { description: 'Storage that two or more containers reach, by identity.' })
  async shares(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => ShareFilter, { nullable: true }) filter: ShareFilter | null,
  ): Promise<ShareConnection> {
    const { services, columns } = context;
    const page = await listShares(services.database, shareQuery(filter, services.sensitivePaths), pageRequest(context, first, after), columns);
    return new ShareConnection(toPage(page, toShare));
  }

  @FieldResolver(() => Boolean)
  crossHost(@Root() share: Share): boolean {
    return wasRead(share.hostId) === null;
  }

  @FieldResolver(() => [Mount])
  async mounts(@Ctx() context: RequestContext, @Root() share: Share): Promise<Mount[]> {
    return (await mountRows(context, share)).map(toMount);
  }

  @FieldResolver(() => [Container])
  async containers(@Ctx() context: RequestContext, @Root() share: Share): Promise<Container[]> {
    return (await containerRows(context, share)).map(toContainer);
  }

  @FieldResolver(() => [Volume])
  async volumes(@Ctx() context: RequestContext, @Root() share: Share): Promise<Volume[]> {
    const keys = new Set((await mountRows(context, share)).flatMap((mount) => wasRead(mount.volumeId) ?? []));
    return (await loadAll(context.loaders.volume.loadMany([...keys]))).map(toVolume);
  }

  @FieldResolver(() => [Host])
  async hosts(@Ctx() context: RequestContext, @Root() share: Share): Promise<Host[]> {
    const keys = new Set((await containerRows(context, share)).map((container) => wasRead(container.hostId)));
    return (await loadAll(context.loaders.host.loadMany([...keys]))).map(toHost);
  }

  @FieldResolver(() => Int, { description: 'Containers with a read-write mount.' })
  async writers(@Ctx() context: RequestContext, @Root() share: Share): Promise<number> {
    return writersAmong(await mountRows(context, share)).size;
  }

  @FieldResolver(() => Int, { description: 'Containers with only read-only mounts.' })
  async readers(@Ctx() context: RequestContext, @Root() share: Share): Promise<number> {
    const mounts = await mountRows(context, share);
    return new Set(mounts.map((mount) => wasRead(mount.containerId))).size - writersAmong(mounts).size;
  }

  @FieldResolver(() => [ShareRisk])
  risks(@Ctx() { services }: RequestContext, @Root() share: Share): ShareRisk[] {
    return risksOfShare(share, services.sensitivePaths).map((risk) => ShareRisk[risk]);
  }
}

function mountRows({ loaders }: RequestContext, share: Share): Promise<readonly MountPart[]> {
  return loaders.mountsOfShare.load(share.id);
}

async function containerRows(context: RequestContext, share: Share) {
  const keys = new Set((await mountRows(context, share)).map((mount) => wasRead(mount.containerId)));
  return loadAll(context.loaders.container.loadMany([...keys]));
}

function writersAmong(mounts: readonly MountPart[]): Set<string> {
  return new Set(mounts.filter((mount) => !wasRead(mount.readOnly)).map((mount) => wasRead(mount.containerId)));
}
