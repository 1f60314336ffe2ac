import { findWriters, quieted, type Writer } from './quiesce.js';
import type { OperationContext } from './context.js';
import { Problem, toShownProblem } from '../problems.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { HELPER_LABEL } from '../engine/model.js';
import { NONCE_LABEL, quote } from '../engine/names.js';
import { ARCHIVE_ROOT, openVolume, removeHelper, type OpenVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import type { HostLink } from '../sync/fleet.js';
import { inputOf, leftoversOf, noteOperation, renewOperation, type Leftover, type Operation } from './records.js';
import type { TransferControls } from './transfer.js';
import type { TarLimits } from './tar-scan.js';

/** Entries of one volume at most: each costs 16 bytes of memory while it is copied. */
const MAX_ENTRIES = 50_000_000;

/** One attempt at an operation: what its steps are done with. Everything that is to be undone is noted before it is done. */
export class Run {
  private leftovers: readonly Leftover[];
  private done = 0;
  readonly warnings: string[] = [];

  constructor(
    readonly context: OperationContext,
    readonly operation: Operation,
    /** Aborted with the reason when the operation is to end. */
    readonly signal: AbortSignal,
  ) {
    this.leftovers = leftoversOf(operation);
  }

  get left(): readonly Leftover[] {
    return this.leftovers;
  }

  get bytesDone(): number {
    return this.done;
  }

  /** Bytes of files that were carried so far; less than before counts as nothing. */
  progress(contentBytes: number): void {
    this.done = Math.max(this.done, contentBytes);
  }

  /** How a tar is carried in this operation. */
  controls(limits: Omit<TarLimits, 'root'> = { contentBytes: Number.MAX_SAFE_INTEGER, entries: MAX_ENTRIES }): TransferControls {
    return { signal: this.signal, limits: { ...limits, root: ARCHIVE_ROOT }, pace: this.context.pace };
  }

  /** Makes sure, just before what cannot be undone, that nobody else works on this and nobody wants it ended. */
  async stillMine(): Promise<void> {
    this.signal.throwIfAborted();
    await renewOperation(this.context.database, this.operation, this.done);
  }

  async note(leftover: Leftover): Promise<void> {
    await this.setLeftovers([...this.leftovers, leftover]);
  }

  async forget(leftover: Leftover): Promise<void> {
    await this.setLeftovers(this.leftovers.filter((other) => other !== leftover));
  }

  async host(id: string | null): Promise<Host> {
    const host = id === null ? null : await this.context.database.host.findUnique({ where: { id } });
    if (host === null) throw new Problem('NOT_FOUND', 'The host was removed.');
    return host;
  }

  /** Opens the volume that is meant, and no other of its name. It is given back with {@link OpenVolume.close}. */
  async open(link: HostLink, engine: Engine, host: Host, name: string, id: string | undefined, write: boolean): Promise<{ open: OpenVolume; row: Volume }> {
    const open = await openVolume(engine, { name, write, owner: this.operation.id });
    try {
      // A container refers to it from here on: what is found now stays.
      await link.look('volume', name);
      const row = await findVolume(this.context.database, host.id, name);
      if (row === undefined) throw new Problem('NOT_FOUND', `There is no volume named ${quote(name)} on host ${host.name}.`);
      if (id !== undefined && row.id !== id) {
        throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now: the one that was meant is gone.`);
      }
      return { open, row };
    } catch (error) {
      await open.close().catch((failure: unknown) => {
        this.context.log.warn({ err: failure }, 'a helper is left to the sweep');
      });
      throw error;
    }
  }

  /** Makes a volume that is not there yet. It is removed again unless {@link keep} is called. @throws {Problem} CONFLICT. */
  async make(engine: Engine, host: Host, name: string, nonce: string, labels: Readonly<Record<string, string>>): Promise<Leftover> {
    if ((await engine.inspectVolume(name)) !== undefined) throw taken(name, host);
    const leftover: Leftover = { kind: 'volume', hostId: host.id, name, nonce };
    await this.note(leftover);
    const made = await engine.createVolume({
      name,
      driver: 'local',
      options: {},
      labels: { ...labels, [NONCE_LABEL]: nonce, [OPERATION_LABEL]: this.operation.id },
    });
    if (made.labels[NONCE_LABEL] === nonce) return leftover;
    await this.forget(leftover);
    throw taken(name, host);
  }

  /** Does some work while nobody writes what the volume holds, as far as that was asked for; gives the writers back. */
  async quietly<T>(volume: Volume, work: (writers: readonly Writer[]) => Promise<T>): Promise<T> {
    const quiesce = inputOf(this.operation).quiesce ?? 'LIVE';
    const writers = await findWriters(this.context.database, volume);
    const quiet: Leftover[] = [];
    try {
      for (const writer of writers) {
        const leftover = quieted(writer, quiesce);
        if (leftover === undefined || (leftover.kind !== 'paused' && leftover.kind !== 'stopped')) continue;
        await this.note(leftover);
        quiet.push(leftover);
        const link = this.context.fleet.of(await this.host(writer.hostId));
        await link.withEngine((engine) => (leftover.kind === 'paused' ? pause(engine, writer.engineId) : engine.stopContainer(writer.engineId, undefined)));
      }
      return await work(quiesce === 'LIVE' ? writers : []);
    } finally {
      for (const leftover of quiet) await this.undoOne(leftover);
    }
  }

  /** Takes away what an attempt that was ended in its middle has opened: a volume is in use as long as a helper refers to it. */
  async closeEarlier(): Promise<void> {
    const { attempt, id, sourceHostId, targetHostId } = this.operation;
    if (attempt === 1) return;
    for (const hostId of new Set([sourceHostId, targetHostId])) {
      if (hostId !== null) await this.context.fleet.of(await this.host(hostId)).withEngine((engine) => removeHelpersOf(engine, id));
    }
  }

  /** Undoes all that is left. What cannot be undone now is left to the sweep. */
  async undo(): Promise<void> {
    for (const leftover of [...this.leftovers].reverse()) await this.undoOne(leftover);
  }

  private async undoOne(leftover: Leftover): Promise<void> {
    try {
      await undoLeftover(this.context, this.operation.id, leftover);
      await this.forget(leftover);
    } catch (error) {
      this.context.log.warn({ err: error, operation: this.operation.id, leftover: leftover.kind }, 'something is left to the sweep');
    }
  }

  private async setLeftovers(leftovers: readonly Leftover[]): Promise<void> {
    await noteOperation(this.context.database, this.operation, { leftovers });
    this.leftovers = leftovers;
  }
}

/** Label of volumes that an operation made. */
const OPERATION_LABEL = 'io.stowage.operation';

function taken(name: string, host: Host): Problem {
  return new Problem('CONFLICT', `There is a volume named ${quote(name)} on host ${host.name} already.`);
}

async function pause(engine: Engine, id: string): Promise<void> {
  try {
    await engine.pauseContainer(id);
  } catch (error) {
    // It has ended, or somebody was faster: either way it does not write.
    if (!(error instanceof EngineError && (error.status === 409 || error.status === 404))) throw error;
  }
}

/** Undoes one thing that an operation has left, if it is still there. @throws {Problem} when that cannot be done now. */
export async function undoLeftover(context: OperationContext, operationId: string, leftover: Leftover): Promise<void> {
  if (leftover.kind === 'stored') {
    await context.store.remove(leftover.name);
    return;
  }
  const host = await context.database.host.findUnique({ where: { id: leftover.hostId } });
  if (host === null) return;
  const link = context.fleet.of(host);
  await link.withEngine(async (engine) => {
    if (leftover.kind === 'volume') {
      await removeHelpersOf(engine, operationId);
      const volume = await engine.inspectVolume(leftover.name);
      if (volume?.labels[NONCE_LABEL] === leftover.nonce) await engine.removeVolume(leftover.name, false);
      return;
    }
    const container = await engine.inspectContainer(leftover.containerId);
    if (leftover.kind === 'paused' && container?.state === 'paused') await engine.unpauseContainer(leftover.containerId);
    if (leftover.kind === 'stopped' && container !== undefined && container.state !== 'running') await engine.startContainer(leftover.containerId);
  });
  if (leftover.kind === 'volume') await link.look('volume', leftover.name);
}

/** Removes what an operation has opened on an engine. */
export async function removeHelpersOf(engine: Engine, owner: string): Promise<void> {
  for (const helper of await engine.listLabelled(HELPER_LABEL)) if (helper.value === owner) await removeHelper(engine, helper.id);
}

/** What a failure is for whoever asked. */
export function problemOfFailure(context: OperationContext, error: unknown): Problem {
  const { problem, unknown } = toShownProblem(error);
  if (unknown) context.log.error({ err: error }, 'an operation failed');
  if (problem instanceof EngineError && /no space left on device|disk quota exceeded/i.test(problem.words)) {
    return new Problem('ENGINE_ERROR', `The disk of the target host is full: ${problem.words}`);
  }
  return problem;
}
