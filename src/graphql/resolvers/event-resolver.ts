import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { entriesFor } from '../../access/permissions.js';
import type { Entry, EntryFilter } from '../../journal/entry.js';
import { JournalStream } from '../../journal/journal-stream.js';
import { formatCursor, parseCursor, readEntries, readEntriesBack, readEntriesOfVolumes, readHead, refuseExpired } from '../../journal/read.js';
import { badInput } from '../../problems.js';
import type { RequestContext } from '../context.js';
import { toContainer, toEvent, toHost, toOperation, toShare, toVolume } from '../rows.js';
import { LifecycleEventConnection } from '../types/connections.js';
import { EventFilter, LifecycleEvent } from '../types/events.js';
import { Container, Host, Share, Volume } from '../types/inventory.js';
import { Operation } from '../types/operations.js';
import { DEFAULT_PAGE_SIZE, entryFilter, pageRequest } from './inputs.js';

/** One page of the journal. */
async function eventPage(
  context: RequestContext,
  filter: EntryFilter,
  first: number | null,
  after: string | null | undefined,
  newestFirst: boolean,
): Promise<LifecycleEventConnection> {
  const { readRows } = context.services.database;
  const { first: size } = pageRequest(context, first, after);
  const position = placeOf(after);
  const seen = { ...filter, ...entriesFor(context.caller) };
  // Whoever goes back comes to the end of what is kept, and misses nothing on the way.
  if (newestFirst) return toConnection(await readEntriesBack(readRows, position, size + 1, seen), size, position);
  const entries = await readEntries(readRows, position ?? 0n, size + 1, seen);
  if (position !== undefined) await refuseExpired(readRows, position);
  return toConnection(entries, size, position);
}

/** One page of what the journal has of one volume; volumes that are asked for the same are read together. */
export async function eventPageOfVolume(
  context: RequestContext,
  volumeId: string,
  first: number | null,
  after: string | null,
): Promise<LifecycleEventConnection> {
  const { readRows } = context.services.database;
  const { first: size } = pageRequest(context, first, after);
  const position = placeOf(after);
  const pages = context.loaders.pages('Volume.events', [size, after], async (volumeIds) => {
    const entries = await readEntriesOfVolumes(readRows, volumeIds, position ?? 0n, size + 1, entriesFor(context.caller));
    if (position !== undefined) await refuseExpired(readRows, position);
    const byVolume = new Map<string | null, Entry[]>(volumeIds.map((id) => [id, []]));
    for (const entry of entries) byVolume.get(entry.volumeId)?.push(entry);
    return byVolume as ReadonlyMap<string, Entry[]>;
  });
  return toConnection(await pages.load(volumeId), size, position);
}

/** @throws {Problem} BAD_USER_INPUT for what is no cursor. */
function placeOf(after: string | null | undefined): bigint | undefined {
  return after === null || after === undefined ? undefined : parseCursor(after);
}

/** Entries from behind a position on, one more than the page holds, as a page. */
function toConnection(entries: readonly Entry[], size: number, after: bigint | undefined): LifecycleEventConnection {
  const nodes = entries.slice(0, size).map(toEvent);
  return new LifecycleEventConnection({
    nodes,
    cursorOf: (index) => nodes[index]?.cursor ?? '',
    hasNextPage: entries.length > size,
    hasPreviousPage: after !== undefined,
    count: () => Promise.reject(new Error('events are not counted')),
  });
}

interface SubscriptionArguments {
  readonly filter?: EventFilter | null;
  readonly after?: string | null;
}

/** Where a subscription begins: behind its cursor, or at the present end of the journal. */
async function subscribeToEvents({ context, args }: { context: RequestContext; args: SubscriptionArguments }): Promise<JournalStream> {
  const { database, control, feed } = context.services;
  const filter = { ...entryFilter(args.filter), ...entriesFor(context.caller) };
  const after = context.lastCursor ?? args.after;
  if (after === null || after === undefined) return new JournalStream(feed.position, filter);
  const position = parseCursor(after);
  // Asked of the database only where this gateway has not read that far: thousands come back at once. Whether all of it is
  // still kept is found when it is read.
  if (position > feed.position && position > (await control.whileUp(() => readHead(database.readRows)))) {
    throw badInput('after is a cursor of an event that this journal does not have.');
  }
  return new JournalStream(position, filter);
}

@Resolver(() => LifecycleEvent)
export class EventResolver {
  @Query(() => String, { description: 'The cursor of the newest event: what comes after it is what happens from now on.' })
  async latestCursor(@Ctx() { services }: RequestContext): Promise<string> {
    return formatCursor(await readHead(services.database.readRows));
  }

  @Query(() => LifecycleEventConnection, { description: 'The journal, oldest first.' })
  async events(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => EventFilter, { nullable: true }) filter: EventFilter | null,
    @Arg('newestFirst', () => Boolean, { nullable: true, defaultValue: false, description: 'From the newest back; `after` leads on to older ones then.' })
    newestFirst: boolean | null,
  ): Promise<LifecycleEventConnection> {
    return eventPage(context, entryFilter(filter), first, after, newestFirst === true);
  }

  @Subscription(() => LifecycleEvent, {
    name: 'events',
    description: 'Everything after the cursor first, then live, with none lost and none twice. Without a cursor: from now on.',
    subscribe: subscribeToEvents,
  })
  onEvent(
    @Root() entry: Entry,
    @Arg('filter', () => EventFilter, { nullable: true }) _filter: EventFilter | null,
    @Arg('after', () => String, { nullable: true }) _after: string | null,
  ): LifecycleEvent {
    return toEvent(entry);
  }

  @FieldResolver(() => Host, { nullable: true })
  async host(@Ctx() { loaders }: RequestContext, @Root() event: LifecycleEvent): Promise<Host | null> {
    const row = event.hostKey === null ? null : await loaders.host.load(event.hostKey);
    return row === null ? null : toHost(row);
  }

  @FieldResolver(() => Volume, { nullable: true })
  async volume(@Ctx() { loaders }: RequestContext, @Root() event: LifecycleEvent): Promise<Volume | null> {
    const row = event.volumeKey === null ? null : await loaders.volume.load(event.volumeKey);
    return row === null ? null : toVolume(row);
  }

  @FieldResolver(() => Container, { nullable: true })
  async container(@Ctx() { loaders }: RequestContext, @Root() event: LifecycleEvent): Promise<Container | null> {
    const row = event.containerKey === null ? null : await loaders.container.load(event.containerKey);
    return row === null ? null : toContainer(row);
  }

  @FieldResolver(() => Share, { nullable: true, description: 'null when it was dissolved since.' })
  async share(@Ctx() { loaders }: RequestContext, @Root() event: LifecycleEvent): Promise<Share | null> {
    const row = event.shareKey === null ? null : await loaders.share.load(event.shareKey);
    return row === null ? null : toShare(row);
  }

  @FieldResolver(() => Operation, { nullable: true })
  async operation(@Ctx() { loaders }: RequestContext, @Root() event: LifecycleEvent): Promise<Operation | null> {
    const row = event.operationKey === null ? null : await loaders.operation.load(event.operationKey);
    return row === null ? null : toOperation(row);
  }
}
