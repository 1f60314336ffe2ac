import pg from 'pg';
import type { TestEngine } from '../harness/engines.js';
import type { TestGateway } from '../harness/gateway.js';
import { readAll } from '../harness/lists.js';
import type { HeardEvent } from './resuming-subscriber.js';

/** What there is on a host, one line each, sorted: the same from an engine and from the inventory when both agree. */
type Picture = readonly string[];

/** What the engine itself says. */
export async function pictureOfEngine({ docker }: TestEngine): Promise<Picture> {
  const [{ Volumes }, containers] = await Promise.all([docker.listVolumes(), docker.listContainers({ all: true })]);
  const users = (name: string) => containers.filter(({ Mounts }) => Mounts.some((mount) => mount.Name === name));
  const isActive = ({ State }: { State: string }) => ['running', 'paused', 'restarting'].includes(State);
  return [
    ...Volumes.map(({ Name, Driver, Labels }) => {
      const state = users(Name).some(isActive) ? 'IN_USE' : users(Name).length > 0 ? 'IDLE' : 'DANGLING';
      return `volume ${Name} ${Driver} made=${Object.entries((Labels as Record<string, string> | null) ?? {}).find(([key]) => key === 'made')?.[1] ?? ''} ${state} ${String(users(Name).length)}`;
    }),
    ...containers.map(({ Id, Names, State, Mounts }) => {
      const mounts = Mounts.map(({ Name, Destination, RW }) => `${Name ?? ''}:${Destination}:${RW ? 'rw' : 'ro'}`).sort();
      return `container ${Id} ${Names[0]?.slice(1) ?? ''} ${State.toUpperCase()} ${mounts.join(' ')}`;
    }),
  ].sort();
}

interface VolumeNode {
  readonly name: string;
  readonly driver: string;
  readonly state: string;
  readonly shareCount: number;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}

interface ContainerNode {
  readonly engineId: string;
  readonly name: string;
  readonly state: string;
  readonly mounts: readonly { readonly destination: string; readonly readOnly: boolean; readonly volume: { readonly name: string } | null }[];
}

/** What a gateway says of a host. */
export async function pictureOfGateway(gateway: TestGateway, host: string): Promise<Picture> {
  const filter = { filter: { hosts: [host] } };
  const volumes = await readAll<VolumeNode>(gateway, 'volumes', 'name driver state shareCount labels { key value }', filter);
  const containers = await readAll<ContainerNode>(gateway, 'containers', 'engineId name state mounts { destination readOnly volume { name } }', filter);
  return [
    ...volumes.map(
      ({ name, driver, labels, state, shareCount }) =>
        `volume ${name} ${driver} made=${labels.find(({ key }) => key === 'made')?.value ?? ''} ${state} ${String(shareCount)}`,
    ),
    ...containers.map(({ engineId, name, state, mounts }) => {
      const shown = mounts.map(({ destination, readOnly, volume }) => `${volume?.name ?? ''}:${destination}:${readOnly ? 'ro' : 'rw'}`).sort();
      return `container ${engineId} ${name} ${state} ${shown.join(' ')}`;
    }),
  ].sort();
}

/** Lines that only one of two pictures has. */
export function differences(engine: Picture, gateway: Picture): string[] {
  const [there, known] = [new Set(engine), new Set(gateway)];
  return [
    ...engine.filter((line) => !known.has(line)).map((line) => `only the engine has: ${line}`),
    ...gateway.filter((line) => !there.has(line)).map((line) => `only the gateway has: ${line}`),
  ];
}

interface JournalRow {
  readonly position: string;
  readonly type: string;
  readonly volume_id: string | null;
  readonly container_id: string | null;
}

/** What the journal holds, and what it comes to. */
export interface JournalCheck {
  readonly cursors: readonly string[];
  /** What does not fit together in it, or with the inventory. */
  readonly faults: readonly string[];
}

/** Reads the journal after a cursor past all gateways, and compares what it comes to, from its beginning, with the inventory. */
export async function checkJournal(databaseUrl: string, after: string): Promise<JournalCheck> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read');
    const { rows } = await client.query<JournalRow>('select position, type, volume_id, container_id from journal order by position');
    const volumes = await client.query<{ id: string }>('select id from volume where removed_at is null');
    const containers = await client.query<{ id: string }>('select id from container where removed_at is null');
    const faults: string[] = [];
    const replay = (kind: 'VOLUME' | 'CONTAINER', idOf: (row: JournalRow) => string | null, inventory: readonly { id: string }[]) => {
      const living = new Set<string>();
      for (const row of rows) {
        const id = idOf(row);
        if (id === null) continue;
        if (row.type === `${kind}_CREATED` && living.has(id)) faults.push(`${row.position}: ${kind} ${id} is created twice`);
        if (row.type === `${kind}_CREATED`) living.add(id);
        if (row.type === `${kind}_REMOVED` && !living.delete(id)) faults.push(`${row.position}: ${kind} ${id} is removed, and was not there`);
      }
      const known = new Set(inventory.map(({ id }) => id));
      for (const id of living) if (!known.has(id)) faults.push(`the journal has ${kind} ${id}, the inventory has not`);
      for (const id of known) if (!living.has(id)) faults.push(`the inventory has ${kind} ${id}, the journal has not`);
    };
    replay('VOLUME', (row) => row.volume_id, volumes.rows);
    replay('CONTAINER', (row) => row.container_id, containers.rows);
    const start = BigInt(after.slice(1));
    return { cursors: rows.filter(({ position }) => BigInt(position) > start).map(({ position }) => `j${position}`), faults };
  } finally {
    await client.end();
  }
}

/** How what a subscriber was told differs from the journal. */
export interface Telling {
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

export function compareTelling(heard: readonly HeardEvent[], journal: readonly string[]): Telling {
  const cursors = heard.map(({ cursor }) => cursor);
  const told = new Set(cursors);
  const place = (cursor: string) => BigInt(cursor.slice(1));
  return {
    lost: journal.filter((cursor) => !told.has(cursor)).length,
    doubled: cursors.length - told.size,
    outOfOrder: cursors.filter((cursor, index) => index > 0 && place(cursor) < place(cursors[index - 1] ?? 'j0')).length,
  };
}
