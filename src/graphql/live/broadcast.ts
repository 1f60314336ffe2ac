import { createSourceEventStream, execute, GraphQLError, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { sightOf } from '../../access/permissions.js';
import { readAs, readInOrder } from '../../database/client.js';
import { FairTurns } from '../../fair-turns.js';
import { viewOf } from '../../inventory/view.js';
import type { Entry, EntryFilter } from '../../journal/entry.js';
import { FilterIndex } from '../../journal/filter-index.js';
import { JournalStream } from '../../journal/journal-stream.js';
import { formatCursor } from '../../journal/read.js';
import { compileOperation, INTERPRETED_RUNS } from '../compile.js';
import { contextOn, type RequestContext, type Services } from '../context.js';
import { formatError } from '../errors.js';
import { withOwnErrors } from '../executor.js';
import type { Answer, Outlet } from './batch.js';
import { Group, MAX_GROUP_PAGE } from './group.js';
import { LatestGroup } from './latest-group.js';
import type { Member } from './member.js';
import { SharedStream } from './shared-stream.js';
import type { Subscription } from './subscription-documents.js';

/** Characters of the code of compiled operations that are kept. */
const MAX_CODE_LENGTH = 8_000_000;
/**
 * Groups whose answers are made at a time, and how many of them for one caller; pages of those who come back apart, so that
 * neither way holds up the other. Each reads one statement at a time: together they leave some of the database's connections
 * for reading (READ_POOL_SIZE) to those who query.
 */
const LIVE = { atOnce: 5, each: 3 };
const CATCHING_UP = { atOnce: 3, each: 2 };
/**
 * Milliseconds, at most, between two rounds to all subscribers. A round is followed by a rest of a quarter of its time:
 * others have their turn, and what happens meanwhile goes out in one write for each subscriber.
 */
const MAX_REST_MS = 50;

type RunEvent = (event: unknown, variables: Record<string, unknown> | undefined, context: RequestContext) => Promise<ExecutionResult>;

/** What answers a subscription's events, and how much of {@link MAX_CODE_LENGTH} it takes. */
interface Runner {
  readonly run: RunEvent;
  readonly size: number;
}

/**
 * Runs subscriptions. Those that ask the same thing and may see the same form a group, for which each event is matched,
 * loaded, executed and written out once.
 */
export class Broadcast {
  private readonly groups = new Map<string, Group>();
  private readonly latestGroups = new Map<string, LatestGroup>();
  private readonly index = new FilterIndex<Group>();
  private readonly liveTurns = new FairTurns(LIVE);
  private readonly catchUpTurns = new FairTurns(CATCHING_UP);
  private readonly compiled = new LRUCache<string, Runner>({ maxSize: MAX_CODE_LENGTH, sizeCalculation: ({ size }) => size });
  private handedOut: bigint;
  private wroteMs = 0;
  private resting: NodeJS.Timeout | undefined;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly services: Services,
    private readonly log: Logger,
  ) {
    const { feed } = services;
    this.handedOut = feed.position;
    feed.listen(() => {
      this.handOut();
    });
  }

  stop(): void {
    clearTimeout(this.resting);
  }

  /** How many groups there are, and subscriptions that have all there is, or are catching up. */
  get counts(): { readonly groups: number; readonly live: number; readonly behind: number } {
    let [live, behind] = [0, 0];
    for (const group of this.groups.values()) {
      live += group.counts.live;
      behind += group.counts.behind;
    }
    for (const group of this.latestGroups.values()) live += group.size;
    return { groups: this.groups.size + this.latestGroups.size, live, behind };
  }

  /**
   * Starts a subscription whose answers go to `outlet`. The stream that is returned brings nothing and lives as long as the
   * subscription; what cannot start is a result with errors.
   */
  async subscribe(subscription: Subscription, context: RequestContext, outlet: Outlet): Promise<Member | ExecutionResult> {
    const { document, operationName, variables } = subscription;
    const stream = await createSourceEventStream({
      schema: this.schema,
      document,
      operationName: operationName ?? null,
      variableValues: variables ?? null,
      contextValue: context,
    });
    if (!(Symbol.asyncIterator in stream)) return stream;
    if (stream instanceof JournalStream) return this.groupFor(subscription, context, stream.filter).join(context.caller.id, outlet, stream.position);
    if (stream instanceof SharedStream) return this.latestGroupFor(subscription, context, stream).join(context.caller.id, outlet);
    throw new Error('A subscription has a stream that has no groups.');
  }

  private groupFor(subscription: Subscription, context: RequestContext, filter: EntryFilter): Group {
    const { caller } = context;
    const key = JSON.stringify([subscription.id, subscription.innerVariables, sightOf(caller), filter]);
    const existing = this.groups.get(key);
    if (existing !== undefined) return existing;
    const run = this.runnerOf(subscription);
    const makeContext = this.answerContexts(context);
    const answer = async (entries: readonly Entry[]): Promise<Answer[]> => {
      // One context for all of them: what they are loaded with is read in as few statements as for one.
      const shared = makeContext();
      const results = await Promise.all(entries.map((entry) => run(entry, subscription.variables, shared)));
      return results.map((result, index) => {
        const position = entries[index]?.position ?? 0n;
        return { position, cursor: formatCursor(position), json: this.write(result) };
      });
    };
    // As much as one query may read is also what is read at once for a group.
    const pageSize = Math.min(MAX_GROUP_PAGE, Math.max(1, Math.floor(this.services.limits.cost / Math.max(1, subscription.cost))));
    const group = new Group(
      key,
      filter,
      answer,
      {
        handedOut: () => this.handedOut,
        pageAfter: (position, wanted, limit) => this.services.control.whileUp(() => this.services.feed.pageAfter(position, wanted, limit)),
        liveInTurn: (callers, work) => this.liveTurns.take(callers, work),
        catchUpInTurn: (callers, work) => this.catchUpTurns.take(callers, work),
        delivered: (entries) => {
          this.services.metrics.handedOut(entries);
        },
        wrote: (ms) => {
          this.wroteMs += ms;
        },
        emptied: () => {
          if (this.groups.delete(key)) this.index.delete(group);
        },
      },
      pageSize,
    );
    this.groups.set(key, group);
    this.index.add(group);
    return group;
  }

  private latestGroupFor(subscription: Subscription, context: RequestContext, stream: SharedStream<unknown>): LatestGroup {
    const key = JSON.stringify([subscription.id, subscription.innerVariables, sightOf(context.caller), stream.key]);
    const existing = this.latestGroups.get(key);
    if (existing !== undefined) return existing;
    const run = this.runnerOf(subscription);
    const makeContext = this.answerContexts(context);
    const answer = (item: unknown, callers: Iterable<string>): Promise<Answer> =>
      this.liveTurns.take(callers, async () => {
        return { position: 1n, cursor: undefined, json: this.write(await run(item, subscription.variables, makeContext())) };
      });
    const group = new LatestGroup(stream, answer, () => {
      if (this.latestGroups.get(key) === group) this.latestGroups.delete(key);
    });
    this.latestGroups.set(key, group);
    return group;
  }

  /** What makes the contexts of a group's answers, each with loaders of its own, which read one statement at a time. */
  private answerContexts({ caller, columns }: RequestContext): () => RequestContext {
    // Everyone in a group is told the same: it is in nobody's name.
    const anyone = { ...caller, id: `subscribers ${sightOf(caller)}`, name: `subscribers with the role ${caller.role}` };
    const database = viewOf(readAs(this.services.database, anyone.id), caller.hosts);
    return () => contextOn(readInOrder(database), this.services, anyone, columns);
  }

  /** Hands what is new in the journal to the groups that want it. */
  private handOut(): void {
    if (this.resting !== undefined) return;
    const { feed } = this.services;
    const entries = feed.inMemoryAfter(this.handedOut);
    this.handedOut = feed.position;
    if (entries === undefined) {
      for (const group of this.groups.values()) group.readAgain();
      return;
    }
    const wanting = new Set<Group>();
    for (const entry of entries) {
      this.index.match(entry, (group) => {
        group.push(entry);
        wanting.add(group);
      });
    }
    for (const group of wanting) group.send();
    this.rest();
  }

  private rest(): void {
    const restMs = Math.min(MAX_REST_MS, this.wroteMs / 4);
    this.wroteMs = 0;
    if (restMs < 1) return;
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.handOut();
    }, restMs);
  }

  private write(result: ExecutionResult): string {
    if (result.errors === undefined) return JSON.stringify(result);
    return JSON.stringify({ data: result.data ?? null, errors: result.errors.map((error) => formatError(error, this.log)) });
  }

  /** What answers a group's events. As with queries (makeExecutor) only what comes again and again is compiled: most groups hear of few events. */
  private runnerOf({ id, document, operationName }: Subscription): RunEvent {
    const { schema } = this;
    const interpret: RunEvent = async (event, variables, context) =>
      execute({ schema, document, operationName, rootValue: event, variableValues: variables, contextValue: context });
    let runs = 0;
    return (event, variables, context) => {
      let runner = this.compiled.get(id);
      if (runner === undefined && runs < INTERPRETED_RUNS) {
        runs += 1;
        return interpret(event, variables, context);
      }
      if (runner === undefined) this.compiled.set(id, (runner = makeRunner(schema, document, operationName, interpret)));
      return runner.run(event, variables, context);
    };
  }
}

function makeRunner(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined, interpret: RunEvent): Runner {
  const compiled = compileOperation(schema, document, operationName);
  // What cannot be compiled is no error: graphql-js runs everything.
  if (compiled === undefined) return { run: interpret, size: 1 };
  return { run: async (event, variables, context) => withOwnErrors(await compiled.run(event, context, variables ?? {})), size: compiled.codeLength };
}

/** Whether a subscription could not start. */
export function isRefusal(started: Member | ExecutionResult): started is ExecutionResult {
  return !(Symbol.asyncIterator in started);
}

/** An error as GraphQL has them. */
export function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}
