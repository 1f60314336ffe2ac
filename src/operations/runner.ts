import { run as startWorkers, Logger as QueueLogger, type Runner, type TaskList } from 'graphile-worker';
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { quote } from '../engine/names.js';
import { Problem, toShownProblem } from '../problems.js';
import { endSoonWithoutPeer } from '../database/client.js';
import { backupVolume } from './backups.js';
import type { OperationContext } from './context.js';
import { copyVolume } from './copy.js';
import { inSpan } from '../tracing.js';
import { measureVolumes } from './measure.js';
import { runDuePolicies } from './policies.js';
import { giveBackLeft, heldStill } from './holds.js';
import { beginOperation, endOperation, leaveOperation, OPERATION_TASK, OperationLostError, queueJob, requeueAbandoned, type Operation } from './records.js';
import { Canceled, problemOfFailure, Run } from './run.js';
import { restoreVolume, takePlace } from './restore.js';
import { verifyBackup } from './stored.js';
import { sweep } from './sweep.js';

/** Operations that one gateway works on at once. */
const CONCURRENCY = 8;
/** Milliseconds between signs that an operation is worked on; its progress is written with them. */
const RENEWAL_MS = 400;
/** Seconds after which an operation is tried again whose hosts have enough to do. */
const BUSY_SECONDS = 1;
/** Milliseconds between looks for what was left. */
const SWEEP_MS = 3_000;
/** Milliseconds after which a queue that has failed is started again. */
const RESTART_MS = 1_000;
/** Attempts that the gateways of this operation may die in. */
const MAX_ATTEMPTS = 10;

/** Thrown into an operation when its gateway stops: another attempt goes on. */
class GatewayStops extends Error {
  override readonly name = 'GatewayStops';
}

/** Works on operations: takes their jobs from the queue, one attempt at each at a time, over any number of gateways. */
export class OperationRunner {
  private readonly pool: pg.Pool;
  private readonly stopping = new AbortController();
  private queue: Runner | undefined;
  private supervising: Promise<void> = Promise.resolve();
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: OperationContext,
    databaseUrl: string,
  ) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      max: 4,
      application_name: 'stowage jobs',
      // The pool waits for it, whatever its type says.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      onConnect: endSoonWithoutPeer,
    });
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  /** Resolves when the queue's tables are there. */
  async start(): Promise<void> {
    this.queue = await this.startQueue();
    this.supervising = this.supervise();
    this.sweeping = this.sweepFromTimeToTime();
  }

  /** Ends what is under way, for another attempt to take up. */
  async stop(): Promise<void> {
    this.stopping.abort(new GatewayStops('the gateway stops'));
    await this.queue?.stop().catch(() => undefined);
    await Promise.all([this.supervising, this.sweeping]);
    await this.pool.end();
  }

  private startQueue(): Promise<Runner> {
    const { log } = this.context;
    const tasks: TaskList = {
      [OPERATION_TASK]: async (payload, helpers) => {
        const { id } = payload as { id: string };
        await this.attempt(id, helpers.job.locked_by ?? '');
      },
    };
    return startWorkers({
      pgPool: this.pool,
      concurrency: CONCURRENCY,
      noHandleSignals: true,
      pollInterval: 1_000,
      taskList: tasks,
      crontab: '',
      logger: new QueueLogger(() => (level, message) => {
        if (level.valueOf() === 'error') log.warn({ from: 'graphile-worker' }, message);
      }),
    });
  }

  private async supervise(): Promise<void> {
    const { signal } = this.stopping;
    const stopped = () => signal.aborted;
    while (!stopped()) {
      await this.queue?.promise.catch((error: unknown) => {
        this.context.log.warn({ err: error }, 'the queue of operations has failed and is started again');
      });
      await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
      if (stopped()) return;
      this.queue = await this.startQueue().catch(() => undefined);
    }
  }

  private async sweepFromTimeToTime(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await giveBackLeft(this.context);
        await requeueAbandoned(this.context.database);
        await runDuePolicies(this.context);
        await sweep(this.context);
      } catch (error) {
        this.context.log.debug({ err: error }, 'what operations have left cannot be looked for now');
      }
      await delay(SWEEP_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async attempt(id: string, worker: string): Promise<void> {
    const { database, log } = this.context;
    const operation = await beginOperation(database, id, worker, this.context.perHost);
    if (operation === undefined) return;
    if (operation === 'BUSY') {
      await database.$transaction((transaction) => queueJob(transaction, id, BUSY_SECONDS));
      return;
    }
    this.context.committed();
    const ending = new AbortController();
    const run = new Run(this.context, operation, ending);
    const stop = () => {
      ending.abort(this.stopping.signal.reason);
    };
    this.stopping.signal.addEventListener('abort', stop, { once: true });
    if (this.stopping.signal.aborted) stop();
    const renewal = setInterval(() => {
      run.renew().catch((error: unknown) => {
        if (error instanceof OperationLostError) ending.abort(error);
      });
    }, RENEWAL_MS);
    try {
      const about = { root: true, attributes: { 'stowage.operation': id } };
      await inSpan(`operation ${operation.kind}`, about, () => this.work(run, operation, ending.signal));
    } catch (error) {
      const why: unknown = ending.signal.reason ?? error;
      if (!(error instanceof OperationLostError || why instanceof OperationLostError)) {
        await leaveOperation(database, operation).catch(() => undefined);
        throw error;
      }
      log.warn({ operation: id }, 'an operation was taken over by another gateway');
    } finally {
      clearInterval(renewal);
      this.stopping.signal.removeEventListener('abort', stop);
      this.context.committed();
    }
  }

  private async work(run: Run, operation: Operation, signal: AbortSignal): Promise<void> {
    const { database } = this.context;
    let problem: Problem | undefined;
    let wrote: Awaited<ReturnType<typeof workOf>> = undefined;
    try {
      await run.giveBackAll();
      // A restore that has removed what it replaces goes on.
      if (operation.cancelRequested && !(operation.kind === 'RESTORE' && operation.verified)) throw new Canceled();
      if (operation.attempt > MAX_ATTEMPTS) {
        throw new Problem('INTERNAL', `The gateways that worked on this have died ${String(MAX_ATTEMPTS)} times. It is not tried again.`);
      }
      await run.closeEarlier();
      wrote = await workOf(run, operation);
    } catch (error) {
      const why: unknown = signal.aborted ? signal.reason : error;
      if (why instanceof OperationLostError || why instanceof GatewayStops || toShownProblem(why).problem.code === 'UNAVAILABLE') {
        if (why instanceof GatewayStops) await run.undo();
        throw why;
      }
      problem = problemOfFailure(this.context, why);
    }
    await run.undo();
    const state = problem === undefined ? 'SUCCEEDED' : problem instanceof Canceled ? 'CANCELED' : 'FAILED';
    const aside = problem === undefined ? undefined : run.letGo();
    if (aside !== undefined) {
      run.stays.push(`The old content was removed, or may have been; the new one is whole in volume ${quote(aside.name)}, and in the backup.`);
    }
    const still = await heldStill(database, operation);
    if (problem !== undefined) run.stays.push(...still);
    if (problem !== undefined && run.stays.length > 0) problem = new Problem(problem.code, [problem.message, ...run.stays].join(' '));
    await endOperation(
      database,
      operation,
      {
        state,
        problem: state === 'CANCELED' && run.stays.length === 0 ? undefined : problem,
        leftovers: run.left,
        bytesDone: run.bytesDone,
        warnings: problem === undefined ? still : [],
      },
      wrote,
    );
    this.context.ended(operation.kind, state);
  }
}

/** What is to be written together with the success, if anything. */
async function workOf(run: Run, operation: Operation): ReturnType<typeof backupVolume> {
  switch (operation.kind) {
    case 'CLONE':
    case 'RENAME':
    case 'MIGRATE':
      await copyVolume(run);
      return undefined;
    case 'BACKUP':
      return backupVolume(run);
    case 'RESTORE':
      await restoreVolume(run);
      return (transaction) => takePlace(transaction, operation);
    case 'VERIFY':
      await verifyBackup(run);
      return undefined;
    case 'MEASURE':
      await measureVolumes(run);
      return undefined;
  }
}
