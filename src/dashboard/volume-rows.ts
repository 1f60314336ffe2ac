import type { CombinedError } from '@urql/core';
import { ChangedVolumesDocument, VolumesDocument, type VolumeFilter, type VolumeLineFragment, type VolumeOrder } from './operations';
import type { Gateway } from './gateway';
import type { LiveEvent } from './live-feed';

export type VolumeRow = VolumeLineFragment;

/** What the table shows. */
export interface RowsView {
  /** The rows that were read, in order from the first. */
  readonly rows: readonly VolumeRow[];
  /** How many there are at the gateway; undefined: not known yet. */
  readonly total: number | undefined;
  readonly isReading: boolean;
  readonly error: CombinedError | undefined;
}

/** Rows of the first page, which is to come fast, and of those after it: who scrolls far reads all on the way. */
const PAGE_ROWS = 200;
const LATER_PAGE_ROWS = 500;
/** Volumes that are read anew together, and rows that each may be: former ones of a name count, too. */
const CHANGED_AT_ONCE = 100;
const ROWS_OF_A_NAME = 5;
/** Milliseconds for which changes are gathered before they are read, the first of them at once. */
const GATHER_MS = 300;

/**
 * The volumes that a filter and an order give, read page by page as far as somebody looks, and kept true: what an event
 * names is read again, and comes, changes or goes in its place. What may have changed without being named is read again when
 * it is looked at.
 */
export class VolumeRows {
  private view: RowsView = { rows: [], total: undefined, isReading: true, error: undefined };
  private readonly watchers = new Set<() => void>();
  private cursor: string | null = null;
  private hasMore = true;
  private wanted = PAGE_ROWS;
  private isReadingOn = false;
  /** Volumes that events named, by host and name, and that are to be read again. */
  private readonly changed = new Map<string, Place>();
  /** Those that were named while a page was on its way, which may still show them as they were. */
  private readonly overtaken = new Map<string, Place>();
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private isReadingChanges = false;
  private lastRead = 0;
  /** Goes up with each event after which any row may be another. */
  private era = 0;
  private readonly readIn = new Map<string, number>();
  private visible: readonly [number, number] = [0, 0];
  private isStopped = true;

  constructor(
    private readonly gateway: Pick<Gateway, 'client' | 'pageOf'>,
    private readonly filter: VolumeFilter,
    private readonly order: VolumeOrder,
  ) {}

  /** Begins to read, or goes on after {@link stop}. */
  begin(): void {
    this.isStopped = false;
    void this.readOn();
  }

  /** For useSyncExternalStore. */
  readonly readView = (): RowsView => this.view;
  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.gathering);
  }

  /** Says which rows are looked at, from one to another. */
  lookAt(first: number, last: number): void {
    this.visible = [first, last];
    if (last + PAGE_ROWS / 2 > this.wanted) this.wanted = last + PAGE_ROWS / 2;
    void this.readOn();
    this.readStale();
  }

  /** Takes up what has happened. */
  take(events: readonly LiveEvent[]): void {
    for (const { type, hostName, volumeName } of events) {
      if (hostName !== null && volumeName !== null) {
        const place = { host: hostName, name: volumeName };
        this.changed.set(keyOf(place), place);
        if (this.isReadingOn) this.overtaken.set(keyOf(place), place);
      } else if (type !== 'OPERATION_CHANGED' && type !== 'CALL_REFUSED') this.era++;
    }
    this.readStale();
    this.gather();
  }

  /** Reads everything again, as far as it was read. */
  reload(): void {
    this.cursor = null;
    this.hasMore = true;
    this.era++;
    this.isAnew = true;
    void this.readOn();
  }
  private isAnew = false;

  private async readOn(): Promise<void> {
    if (this.isReadingOn || this.isStopped) return;
    this.isReadingOn = true;
    try {
      while (this.hasMore && (this.isAnew || this.view.rows.length < this.wanted) && !this.isGone()) {
        const isFirst = this.cursor === null;
        this.isAnew = false;
        if (!this.view.isReading) this.show({ isReading: true });
        const { era } = this;
        const { client, pageOf } = this.gateway;
        const variables = { filter: this.filter, orderBy: this.order, first: pageOf(isFirst ? PAGE_ROWS : LATER_PAGE_ROWS), after: this.cursor };
        const { data, error } = await client.query(VolumesDocument, variables, { requestPolicy: 'network-only' }).toPromise();
        if (this.isGone()) return;
        if (data === undefined) {
          this.show({ error });
          return;
        }
        // It is to be read from the beginning, since this page was asked for.
        if (this.wasBegunAnew()) continue;
        const { nodes, pageInfo, totalCount } = data.volumes;
        this.cursor = pageInfo.endCursor;
        this.hasMore = pageInfo.hasNextPage;
        for (const { id } of nodes) this.readIn.set(id, era);
        const kept = isFirst ? [] : this.view.rows;
        const known = new Set(kept.map(({ id }) => id));
        this.show({ rows: [...kept, ...nodes.filter(({ id }) => !known.has(id))], total: totalCount, error: undefined });
      }
    } finally {
      this.isReadingOn = false;
      for (const [key, place] of this.overtaken) this.changed.set(key, place);
      this.overtaken.clear();
      this.gather();
      if (!this.isGone()) this.show({ isReading: false });
    }
  }

  // Both change while something is awaited, which the compiler does not see.
  private isGone(): boolean {
    return this.isStopped;
  }
  private wasBegunAnew(): boolean {
    return this.isAnew;
  }

  /** Has those of the rows that are looked at read again that may have changed since. */
  private readStale(): void {
    const [first, last] = this.visible;
    for (const row of this.view.rows.slice(first, last + 1)) {
      if ((this.readIn.get(row.id) ?? 0) < this.era) this.changed.set(keyOf(placeOf(row)), placeOf(row));
    }
    this.gather();
  }

  private gather(): void {
    if (this.changed.size === 0 || this.isReadingChanges || this.isStopped) return;
    this.gathering ??= setTimeout(
      () => {
        this.gathering = undefined;
        void this.readChanges();
      },
      Math.max(0, this.lastRead + GATHER_MS - Date.now()),
    );
  }

  private async readChanges(): Promise<void> {
    this.isReadingChanges = true;
    this.lastRead = Date.now();
    const { client, pageOf } = this.gateway;
    const rows = pageOf(CHANGED_AT_ONCE * ROWS_OF_A_NAME);
    const [first] = this.changed.values();
    const some = [...this.changed.values()].filter(({ host }) => host === first?.host).slice(0, Math.ceil(rows / ROWS_OF_A_NAME));
    for (const place of some) this.changed.delete(keyOf(place));
    const host = first?.host ?? '';
    if (this.filter.hosts?.includes(host) === false) {
      this.isReadingChanges = false;
      this.gather();
      return;
    }
    const { era } = this;
    const variables = { changed: { ...this.filter, hosts: [host], names: some.map(({ name }) => name) }, filter: this.filter, first: rows };
    const { data } = await client.query(ChangedVolumesDocument, variables, { requestPolicy: 'network-only' }).toPromise();
    this.isReadingChanges = false;
    if (this.isStopped) return;
    // Without an answer the connection is lost, and everything is read again when it is back.
    if (data !== undefined) this.merge(new Set(some.map(keyOf)), data.changed.nodes, data.all.totalCount, era);
    this.gather();
  }

  private merge(keys: ReadonlySet<string>, found: readonly VolumeRow[], total: number, era: number): void {
    const rows = this.view.rows.filter((row) => !keys.has(keyOf(placeOf(row))));
    for (const row of found) {
      this.readIn.set(row.id, era);
      const place = rows.findIndex((other) => compare(row, other, this.order) < 0);
      if (place >= 0) rows.splice(place, 0, row);
      // Behind the last that was read it comes with a later page.
      else if (!this.hasMore) rows.push(row);
    }
    this.show({ rows, total });
  }

  private show(change: Partial<RowsView>): void {
    this.view = { ...this.view, ...change };
    for (const watcher of this.watchers) watcher();
  }
}

/** Where a volume is, or was. */
interface Place {
  readonly host: string;
  readonly name: string;
}
const placeOf = ({ host, name }: VolumeRow): Place => ({ host: host.name, name });
const keyOf = ({ host, name }: Place): string => `${host}/${name}`;

/** The gateway's order: by the bytes of names, and what was never before what was. */
function compare(a: VolumeRow, b: VolumeRow, { field, direction }: VolumeOrder): number {
  const turn = direction === 'DESC' ? -1 : 1;
  const values = (row: VolumeRow): number | string => {
    switch (field) {
      case 'NAME':
        return row.name;
      case 'SIZE':
        return row.sizeBytes === null ? -1 : Number(row.sizeBytes);
      case 'SHARE_COUNT':
        return row.shareCount;
      case 'CREATED_AT':
        return row.createdAt === null ? 0 : Date.parse(row.createdAt);
      case 'LAST_MOUNTED_AT':
        return row.lastMountedAt === null ? 0 : Date.parse(row.lastMountedAt);
    }
  };
  const [left, right] = [values(a), values(b)];
  if (left === right) return turn * (a.id < b.id ? -1 : 1);
  return turn * (left < right ? -1 : 1);
}
