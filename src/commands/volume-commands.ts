import { createHash } from 'node:crypto';
import type { Caller } from '../access/caller.js';
import { requireVolumeCreation } from '../access/host-paths.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import type { EngineVolume } from '../engine/model.js';
import { checkKeyValues, checkObjectName, NONCE_LABEL, quote, type KeyValue } from '../engine/names.js';
import { driverNamed } from '../engine/volume-drivers.js';
import type { Host } from '../inventory/hosts.js';
import { maskOptions } from '../inventory/driver-options.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { badInput, Problem, type ProblemCode } from '../problems.js';
import type { CommandContext } from './context.js';
import { onEachHost } from './each-host.js';
import { requireHosts } from './host-commands.js';
import { isUnfinished, onceByKey, type CallAttempt } from './once-by-key.js';
import { showChanged } from './shown.js';

/** Labels that mean something to the engine, to compose or to the gateway: set by a caller they would lie. */
const RESERVED_LABELS = ['com.docker.', 'io.stowage.'];

export interface CreateVolumeRequest {
  readonly hosts: readonly string[];
  readonly name: string | undefined;
  readonly driver: string;
  readonly driverOptions: readonly KeyValue[];
  readonly labels: readonly KeyValue[];
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
}

export interface CreateVolumeOutcome {
  readonly host: Host;
  readonly volume: Volume | null;
  readonly created: boolean;
  readonly error: Problem | null;
}

/** @throws {Problem} BAD_USER_INPUT for a label that callers may not set. */
export function checkLabels(field: string, labels: readonly KeyValue[]): Record<string, string> {
  const reserved = labels.find(({ key }) => RESERVED_LABELS.some((prefix) => key.toLowerCase().startsWith(prefix)));
  if (reserved !== undefined) throw badInput(`${field}: ${quote(reserved.key)} begins with a prefix that is kept for the engine or the gateway.`);
  return checkKeyValues(field, labels);
}

/**
 * Creates a volume on several hosts at once. What is wrong with the input ends the whole call before any engine is
 * asked; what is wrong on one host stands in its outcome.
 */
export async function createVolumesCommand(context: CommandContext, request: CreateVolumeRequest): Promise<CreateVolumeOutcome[]> {
  const { caller, idempotencyKey, ...input } = request;
  if (request.name !== undefined) checkObjectName('name', request.name);
  const driver = checkDriver(request.driver);
  const options = checkKeyValues('driverOptions', request.driverOptions);
  const labels = checkLabels('labels', request.labels);
  requireVolumeCreation(caller, context.allowedHostPaths, { name: request.name ?? '', driver, options });
  const repeated = request.hosts.find((host, index) => request.hosts.indexOf(host) !== index);
  if (repeated !== undefined) throw badInput(`hosts names ${quote(repeated)} twice.`);
  const hosts = await requireHosts(context, request.hosts);
  const call = { caller, key: idempotencyKey, mutation: 'createVolume', input };
  const results = await onceByKey(context, call, async ({ id, earlier }: CallAttempt<StoredResult[]>) => {
    const name = request.name ?? `volume-${id.replaceAll('-', '').slice(-12)}`;
    const spec = { name, driver, options, labels };
    // What was answered for a host stays so; only the others are asked again.
    const results: StoredResult[] = hosts.map((_, index) => earlier?.[index] ?? NO_RESULT);
    const open = hosts.map((host, index) => ({ host, index })).filter(({ index }) => earlier?.[index] === undefined || isOpen(results[index] ?? NO_RESULT));
    const problems = await onEachHost(context, open, async ({ host, index }) => {
      const sync = context.fleet.of(host);
      const nonce = nonceOf(id, host);
      const change = { kind: 'volume', key: name, actor: caller.name } as const;
      const created = await sync.withEngine((engine) => createOn(engine, spec, nonce), change);
      results[index] = { volumeId: null, created, code: null, message: null, unseen: true };
      const shown = await showChanged(context, sync, [change]);
      const volume = await findVolume(context.database, host.id, name).catch(() => undefined);
      if (shown || volume !== undefined) results[index] = { volumeId: volume?.id ?? null, created, code: null, message: null };
    });
    open.forEach(({ index }, place) => {
      const problem = problems[place] ?? null;
      // Once the engine has said yes it was made, whatever became of showing it within the deadline.
      if (problem !== null && results[index]?.unseen !== true) results[index] = { ...NO_RESULT, code: problem.code, message: problem.message };
    });
    return { answer: results, complete: !results.some(isOpen) };
  });
  const ids = results.flatMap(({ volumeId }) => volumeId ?? []);
  const volumes = new Map((await context.database.volume.findMany({ where: { id: { in: ids } } })).map((volume) => [volume.id, volume]));
  return hosts.map((host, index) => {
    const { volumeId, created, code, message } = results[index] ?? NO_RESULT;
    const volume = volumeId === null ? null : (volumes.get(volumeId) ?? null);
    return { host, volume, created, error: code === null ? null : new Problem(code, message ?? '') };
  });
}

/** What became of one host, as it is stored with a key. */
type StoredResult = {
  readonly volumeId: string | null;
  readonly created: boolean;
  readonly code: ProblemCode | null;
  readonly message: string | null;
  /** It is there, and the inventory did not show it in time. */
  readonly unseen?: true;
};

const NO_RESULT: StoredResult = { volumeId: null, created: false, code: null, message: null };

/** Whether there is something left to do when a call with a key is made again. */
function isOpen({ code, unseen }: StoredResult): boolean {
  return isUnfinished(code) || unseen === true;
}

/** The same in every attempt at a call, so that a later one knows the volume that an earlier one has made. */
export function nonceOf(callId: string, host: Host): string {
  return createHash('sha256').update(`${callId} ${host.id}`).digest('hex').slice(0, 24);
}

interface VolumeSpec {
  readonly name: string;
  readonly driver: string;
  readonly options: Record<string, string>;
  readonly labels: Record<string, string>;
}

/** Returns whether it was created here and now. @throws {Problem} CONFLICT when another one has the name. */
async function createOn(engine: Engine, asked: VolumeSpec, nonce: string): Promise<boolean> {
  const spec = { ...asked, driver: await driverOf(engine, asked.driver) };
  let answer: EngineVolume;
  try {
    answer = await engine.createVolume({ ...spec, labels: { ...spec.labels, [NONCE_LABEL]: nonce } });
  } catch (error) {
    if (error instanceof EngineError && error.status === 409) {
      throw new Problem('CONFLICT', `There is a volume named ${quote(spec.name)} already, with another driver.`, { cause: error });
    }
    if (error instanceof EngineError && error.status === 400) throw badInput(`The engine refuses this volume: ${error.words}`);
    throw error;
  }
  if (answer.labels[NONCE_LABEL] === nonce) return true;
  const differences = describeDifferences(spec, answer);
  if (differences.length === 0) return false;
  throw new Problem('CONFLICT', `There is a volume named ${quote(spec.name)} already, and it differs: ${differences.join('; ')}.`);
}

/** The driver by the name that its volumes have. @throws {Problem} BAD_USER_INPUT when the engine has none of that name that runs. */
async function driverOf(engine: Engine, asked: string): Promise<string> {
  if (asked === 'local') return asked;
  const drivers = await engine.volumeDrivers();
  const driver = driverNamed(drivers, asked);
  // An unknown driver costs the engine 15 s of looking for a plugin.
  if (driver === undefined) throw badInput(`driver ${quote(asked)} is not one of this engine's: ${drivers.map(({ name }) => name).join(', ')}.`);
  if (!driver.enabled)
    throw badInput(`driver ${quote(driver.name)} is a plugin of this engine that is disabled. Enable it there first (docker plugin enable).`);
  return driver.name;
}

function describeDifferences(wanted: VolumeSpec, there: EngineVolume): string[] {
  const differences: string[] = [];
  if (wanted.driver !== there.driver) differences.push(`its driver is ${quote(there.driver)}, not ${quote(wanted.driver)}`);
  const { [NONCE_LABEL]: _nonce, ...labels } = there.labels;
  differences.push(
    ...describeRecord('option', wanted.options, there.options, maskOptions),
    ...describeRecord('label', wanted.labels, labels, (shown) => shown),
  );
  return differences;
}

function describeRecord(
  what: string,
  wanted: Readonly<Record<string, string>>,
  there: Readonly<Record<string, string>>,
  mask: (record: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): string[] {
  const shown = mask(there);
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(there)])].sort();
  return keys
    .filter((key) => own(wanted, key) !== own(there, key))
    .map((key) => (own(there, key) === undefined ? `it has no ${what} ${quote(key)}` : `its ${what} ${quote(key)} is ${quote(shown[key] ?? '')}`));
}

/** A value by its own key: a label may be named like what every object has. */
function own(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function checkDriver(driver: string): string {
  // Plugins are named like images: vieux/sshfs:latest.
  if (/^[a-zA-Z0-9][a-zA-Z0-9_./:-]{0,254}$/.test(driver)) return driver;
  throw badInput(`driver ${quote(driver)} is no name of a volume driver.`);
}
