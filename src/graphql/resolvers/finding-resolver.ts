import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { PartOf } from '../../inventory/columns.js';
import { listFindings, type Finding as FindingRow } from '../../inventory/findings.js';
import type { RequestContext } from '../context.js';
import { toContainer, toHost, toPage, toShare, toVolume } from '../rows.js';
import { FindingConnection } from '../types/connections.js';
import { FindingKind } from '../types/enums.js';
import { Finding } from '../types/findings.js';
import { DEFAULT_PAGE_SIZE, pageRequest } from './inputs.js';
import { loadAll } from './required.js';

@Resolver(() => Finding)
export class FindingResolver {
  @Query(() => FindingConnection, { description: 'What someone should look at, by kind.' })
  async findings(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('kinds', () => [FindingKind], { nullable: true }) kinds: FindingKind[] | null,
    @Arg('hosts', () => [String], { nullable: true }) hosts: string[] | null,
  ): Promise<FindingConnection> {
    const { database, sensitivePaths } = context.services;
    const query = { kinds: kinds ?? undefined, hosts: hosts ?? undefined, sensitivePaths };
    const page = await listFindings(database, query, pageRequest(context, first, after));
    // In two steps, so that what all of them need of one kind is read at once.
    const found = await Promise.all(page.rows.map((row) => loadMembers(context, row)));
    const rows = await Promise.all(found.map((members) => toFinding(context, members)));
    return new FindingConnection(toPage({ ...page, rows }, (node) => node));
  }
}

/** A finding with what it is about. */
interface Members {
  readonly row: FindingRow;
  readonly volumes: readonly PartOf<'volume'>[];
  readonly containers: readonly PartOf<'container'>[];
  readonly share: PartOf<'share'> | null;
}

async function loadMembers({ loaders }: RequestContext, row: FindingRow): Promise<Members> {
  const [volumes, containers, share] = await Promise.all([
    loadAll(loaders.volume.loadMany(row.volumeIds)),
    loadAll(loaders.container.loadMany(row.containerIds)),
    row.shareId === null ? null : loaders.share.load(row.shareId),
  ]);
  return { row, volumes, containers, share };
}

async function toFinding({ loaders }: RequestContext, { row, volumes, containers, share }: Members): Promise<Finding> {
  const hostIds = new Set([...row.hostIds, ...[...volumes, ...containers].flatMap(({ hostId }) => hostId ?? [])]);
  const hosts = await loadAll(loaders.host.loadMany([...hostIds]));
  return Object.assign(new Finding(), {
    kind: FindingKind[row.kind],
    message: row.message,
    since: row.since,
    share: share === null ? null : toShare(share),
    volumes: volumes.map(toVolume),
    containers: containers.map(toContainer),
    hosts: hosts.map(toHost),
  });
}
