import { areHeld, giveBackHeld, giveBackOf, holdQuiet, type ContainerHold } from './holds.js';
import { findWriters, giveBack, namesOf, refuseQuiesce } from './quiesce.js';
import type { OperationContext } from './context.js';
import { Problem, toShownProblem } from '../problems.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { HELPER_LABEL, type EngineVolume } from '../engine/model.js';
import { NONCE_LABEL, quote } from '../engine/names.js';
import { ARCHIVE_ROOT, openVolume, removeHelper, type OpenVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import type { HostLink } from '../sync/fleet.js';
import {
  inputOf,
  leftoversOf,
  noteOperation,
  OPERATION_LABEL,
  operationsNotOver,
  renewOperation,
  type Leftover,
  type MadeVolume,
  type Operation,
} from './records.js';
import type { TransferControls } from './transfer.js';
import type { TarLimits } from './tar-scan.js';

/** Entries of one volume at most: each costs 16 bytes of memory while it is copied. */
const MAX_ENTRIES = 50_000_000;

/** Milliseconds for an engine to tell which containers refer to a volume. */
const USERS_TIMEOUT_MS = 10_000;

/** Thrown into an operation that somebody wants ended. */
export class Canceled extends Problem {
  constructor() {
    super('CONFLICT', 'The operation was canceled.');
  }
}

/** Thrown for a volume that is to be removed, and that somebody's container has taken into use. */
export class TakenIntoUse extends Problem {
  constructor(name: string, users: readonly string[]) {
    super(
      'VOLUME_IN_USE',
      `The volume ${quote(name)}, which is not complete, stays, since it came into use by: ${users.join(', ')}. Remove both before you try again.`,
    );
  }
}

/** One attempt at an operation: what its steps are done with. Everything that is to be undone is noted before it is done. */
export class Run {
  private leftovers: readonly Leftover[];
  private done = 0;
  /** Not to be undone while there is no other whole copy of what it holds. */
  private held: MadeVolume | undefined;
  /** Not to be undone in this attempt any more; forgotten in the transaction that ends the operation. */
  private readonly settled = new Set<Leftover>();
  readonly warnings: string[] = [];
  /** What could not be taken away again, in words. */
  readonly stays: string[] = [];

  constructor(
    readonly context: OperationContext,
    readonly operation: Operation,
    /** Aborted with the reason when the operation is to end. */
    private readonly ending: AbortController,
  ) {
    this.leftovers = leftoversOf(operation);
    this.held = heldAsideOf(operation);
  }

  /** What an attempt before this one has held, and this one holds on to. */
  get aside(): MadeVolume | undefined {
    return this.held;
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get left(): readonly Leftover[] {
    return this.leftovers.filter((leftover) => !this.settled.has(leftover));
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

  /**
   * Tells that this goes on, and hears whether it shall. Once something is held, there is no way back: then it goes on in
   * any case.
   * @throws {OperationLostError}.
   */
  async renew(): Promise<void> {
    const cancel = await renewOperation(this.context.database, this.operation, this.done);
    if (cancel && this.held === undefined) this.ending.abort(new Canceled());
  }

  /** Makes sure, just before what cannot be undone, that nobody else works on this and nobody wants it ended. */
  async stillMine(): Promise<void> {
    await this.renew();
    this.signal.throwIfAborted();
  }

  /** Keeps something from being undone, as the one whole copy of what it holds, until it is given free. */
  hold(leftover: MadeVolume | undefined): void {
    this.held = leftover;
  }

  /** Leaves what is held to whoever reads how the operation ended: no sweep takes it away. Returns what it is. */
  letGo(): MadeVolume | undefined {
    const { held } = this;
    this.leftovers = this.leftovers.filter((leftover) => leftover !== held);
    this.held = undefined;
    return held;
  }

  /**
   * Keeps what is whole from being undone. Until the operation's end is written together with what came of it, it stays noted: an
   * attempt that comes after a gateway's death in between finds it, and undoes it.
   */
  settle(leftovers: readonly Leftover[]): void {
    for (const leftover of leftovers) this.settled.add(leftover);
  }

  async note(leftover: Leftover): Promise<void> {
    await this.setLeftovers([...this.leftovers, leftover]);
  }

  async forget(leftover: Leftover): Promise<void> {
    await this.setLeftovers(this.leftovers.filter((other) => other !== leftover));
  }

  /** Notes in one step what came of the operation and that the volume it made is whole, and so not to be undone any more. */
  async keep(made: MadeVolume, came: Pick<Operation, 'targetVolumeId' | 'verified' | 'warnings'>): Promise<void> {
    const leftovers = this.leftovers.filter((other) => other !== made);
    await noteOperation(this.context.database, this.operation, { ...came, leftovers });
    this.leftovers = leftovers;
  }

  async host(id: string | null): Promise<Host> {
    const host = id === null ? null : await this.context.database.host.findUnique({ where: { id } });
    if (host === null) throw new Problem('NOT_FOUND', 'The host was removed.');
    return host;
  }

  /** Opens the volume that is meant, and no other of its name. It is given back with {@link OpenVolume.close}. */
  async open(link: HostLink, engine: Engine, host: Host, name: string, id: string | undefined, write: boolean): Promise<{ open: OpenVolume; row: Volume }> {
    const open = await openVolume(engine, { name, write, owner: this.operation.id, installation: this.context.installation });
    try {
      // A container refers to it from here on: what is found now stays.
      await link.look('volume', name);
      const row = await findVolume(this.context.database, host.id, name);
      if (row === undefined) throw new Problem('NOT_FOUND', `There is no volume named ${quote(name)} on host ${host.name}.`);
      if (id !== undefined && row.id !== id) {
        throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now: the one that was meant is gone.`);
      }
      await this.refuseUnfinished(row, host);
      return { open, row };
    } catch (error) {
      await open.close().catch((failure: unknown) => {
        this.context.log.warn({ err: failure }, 'a helper is left to the sweep');
      });
      throw error;
    }
  }

  /** What another operation still fills is not whole, whoever asks for it. @throws {Problem} CONFLICT. */
  private async refuseUnfinished({ name, labels }: Volume, host: Host): Promise<void> {
    const maker = (labels as Record<string, string>)[OPERATION_LABEL];
    if (maker === undefined || maker === this.operation.id) return;
    const unfinished = (await operationsNotOver(this.context.database)).find(({ id, verified }) => id === maker && !verified);
    if (unfinished === undefined) return;
    throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is not complete: another operation is filling it. Wait for its end.`);
  }

  /** Makes a volume that is not there yet. It is removed again unless it is forgotten as a leftover. @throws {Problem} CONFLICT. */
  async make(engine: Engine, host: Host, name: string, nonce: string, labels: Readonly<Record<string, string>>): Promise<MadeVolume> {
    if ((await engine.inspectVolume(name)) !== undefined) throw taken(name, host);
    const leftover: MadeVolume = { kind: 'volume', hostId: host.id, name, nonce };
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

  /**
   * Does some work while nobody writes what the volume holds, as far as that was asked for; gives the writers back. `wasQuiet`
   * tells whether nobody can have written from the beginning until it is asked.
   */
  async quietly<T>(link: HostLink, volume: Volume, work: (wasQuiet: () => Promise<boolean>) => Promise<T>): Promise<T> {
    const { database } = this.context;
    const { quiesce = 'LIVE' } = inputOf(this.operation);
    // The last few events may not have been looked at yet.
    await link.syncNow();
    const writers = await findWriters(database, volume);
    await refuseQuiesce(this.context, this.operation, writers);
    const held: { readonly hold: ContainerHold; readonly link: HostLink }[] = [];
    let sure = quiesce !== 'LIVE' || writers.length === 0;
    try {
      for (const writer of quiesce === 'LIVE' ? [] : writers) {
        const writersLink = this.context.fleet.of(await this.host(writer.hostId));
        const others = held.length;
        const became = await writersLink.withEngine((engine) =>
          holdQuiet(database, this.operation, engine, writer, quiesce === 'STOP' ? 'STOP' : 'PAUSE', this.signal, (hold) => {
            held.push({ hold, link: writersLink });
          }),
        );
        if (became === 'HERE') continue;
        held.length = others;
        // Whom somebody else has paused, they may wake and pause again meanwhile.
        if (became === 'OTHERWISE') sure = false;
      }
      return await work(async () => {
        if (!sure) return false;
        await link.syncNow();
        const now = await findVolume(database, volume.hostId, volume.name);
        if (now === undefined || lastUse(now) > lastUse(volume)) return false;
        const holds = held.map(({ hold }) => hold);
        if (!(await areHeld(database, holds))) return false;
        return (await findWriters(database, volume)).every(({ state }) => state !== 'RUNNING' && state !== 'RESTARTING');
      });
    } finally {
      for (const { hold, link: writersLink } of held) await this.giveBackNow(writersLink, hold);
    }
  }

  /** With the database away, it may run in what was paused: then nobody is asked who else holds the container. */
  private async giveBackNow(link: HostLink, hold: ContainerHold): Promise<void> {
    try {
      await giveBackHeld(this.context, hold.id);
    } catch (error) {
      this.context.log.warn({ err: error, operation: this.operation.id }, 'a container is given back without the database');
      if (hold.phase === 'HELD') return;
      await link
        .withEngine((engine) => giveBack(engine, hold))
        .catch((failure: unknown) => {
          this.context.log.warn({ err: failure, operation: this.operation.id }, 'a container is left to the sweep');
        });
    }
  }

  /** Makes sure that no container that runs can write what a volume holds, by whatever way. @throws {Problem} VOLUME_IN_USE. */
  async refuseWriters(link: HostLink, volume: Volume, host: Host): Promise<void> {
    await link.syncNow();
    const writers = await findWriters(this.context.database, volume);
    if (writers.length === 0) return;
    throw new Problem(
      'VOLUME_IN_USE',
      `Volume ${quote(volume.name)} on host ${host.name} is written by: ${namesOf(writers, [host.id, this.operation.sourceHostId, this.operation.targetHostId])}, which reach its storage. Stop these containers first.`,
    );
  }

  /** Gives back every container that this operation holds, in this attempt or one before. */
  giveBackAll(): Promise<void> {
    return giveBackOf(this.context, this.operation.id);
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
    for (const leftover of [...this.left].reverse()) if (leftover !== this.held) await this.undoOne(leftover);
  }

  private async undoOne(leftover: Leftover): Promise<void> {
    try {
      await undoLeftover(this.context, this.operation.id, leftover);
      await this.forget(leftover);
    } catch (error) {
      if (error instanceof TakenIntoUse) {
        this.stays.push(error.message);
        await this.forget(leftover);
        return;
      }
      this.context.log.warn({ err: error, operation: this.operation.id, leftover: leftover.kind }, 'something is left to the sweep');
    }
  }

  private async setLeftovers(leftovers: readonly Leftover[]): Promise<void> {
    await noteOperation(this.context.database, this.operation, { leftovers });
    this.leftovers = leftovers;
  }
}

/** Begins the name of a volume beside the one that a restore is to replace. */
export const ASIDE = 'stowage-restore-';

/** The one whole copy beside the backup of what a restore brings, from when the old volume is removed until the new one is whole. */
function heldAsideOf(operation: Operation): MadeVolume | undefined {
  if (operation.kind !== 'RESTORE' || !operation.verified || operation.targetVolumeId !== null) return undefined;
  return leftoversOf(operation).find((leftover): leftover is MadeVolume => leftover.kind === 'volume' && leftover.name.startsWith(ASIDE));
}

function taken(name: string, host: Host): Problem {
  return new Problem('CONFLICT', `There is a volume named ${quote(name)} on host ${host.name} already.`);
}

/** When a volume was last used, as far as is known. */
export function lastUse(volume: Volume): Date {
  return new Date(Math.max(volume.lastMountedAt?.getTime() ?? 0, volume.lastInUseAt?.getTime() ?? 0));
}

/** Removes a volume that is not complete. @throws {TakenIntoUse}. */
async function removeIncomplete(engine: Engine, { name, driver }: EngineVolume): Promise<void> {
  try {
    await engine.removeVolume(name, false);
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 409)) throw error;
    const users = (await engine.containersWithVolume(name, driver, USERS_TIMEOUT_MS)).filter(({ isHelper }) => !isHelper);
    // Whoever uses it may have written into it since: it is not removed any more, also not when they are gone.
    throw users.length === 0 ? error : new TakenIntoUse(name, users.map((user) => user.name).sort());
  }
}

/**
 * Undoes one thing that an operation has left, if it is still there.
 * @throws {TakenIntoUse} for what must stay, {Problem} when it cannot be done now.
 */
export async function undoLeftover(context: OperationContext, operationId: string, leftover: Leftover): Promise<void> {
  if (leftover.kind === 'stored') {
    await context.backups.store.remove(leftover.name);
    return;
  }
  const host = await context.database.host.findUnique({ where: { id: leftover.hostId } });
  if (host === null) return;
  const link = context.fleet.of(host);
  await link.withEngine(async (engine) => {
    await removeHelpersOf(engine, operationId);
    const volume = await engine.inspectVolume(leftover.name);
    if (volume?.labels[NONCE_LABEL] === leftover.nonce) await removeIncomplete(engine, volume);
  });
  await link.look('volume', leftover.name);
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
