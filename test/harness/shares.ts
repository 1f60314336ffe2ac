import type { TestGateway } from './gateway.js';

/** A share, with names in place of objects. */
export interface ShownShare {
  readonly kind: string;
  readonly identity: string;
  readonly crossHost: boolean;
  readonly hosts: readonly string[];
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly writers: number;
  readonly readers: number;
  readonly risks: readonly string[];
}

interface Named {
  readonly name: string;
}

type ShareNode = Omit<ShownShare, 'hosts' | 'containers' | 'volumes'> & Readonly<Record<'hosts' | 'containers' | 'volumes', Named[]>>;

/** The shares that a filter takes. */
export async function readShares(gateway: TestGateway, filter: Record<string, unknown> = {}): Promise<ShownShare[]> {
  const { shares } = await gateway.query<{ shares: { nodes: ShareNode[] } }>(
    `query ($filter: ShareFilter) { shares(filter: $filter) {
      nodes { kind identity crossHost writers readers risks hosts { name } containers { name } volumes { name } }
    } }`,
    { filter },
  );
  const names = (list: Named[]) => list.map(({ name }) => name).sort();
  return shares.nodes.map((share) => ({ ...share, hosts: names(share.hosts), containers: names(share.containers), volumes: names(share.volumes) }));
}

/** Kind, identity and containers of each share, in one order. */
export function briefly(shares: readonly ShownShare[]): string[][] {
  return shares.map(({ kind, identity, containers }) => [kind, identity, containers.join(' ')]).sort();
}
