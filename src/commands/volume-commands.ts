import { randomBytes } from 'node:crypto';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import type { EngineVolume } from '../engine/model.js';
import { checkKeyValues, checkObjectName, NONCE_LABEL, quote, type KeyValue } from '../engine/names.js';
import type { Host } from '../inventory/hosts.js';
import { maskOptions } from '../inventory/driver-options.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { badInput, Problem } from '../problems.js';
import type { CommandContext } from './context.js';
import { problemOf, requireHosts } from './host-commands.js';

/** Labels that mean something to the engine, to compose or to the gateway: set by a caller they would lie. */
const RESERVED_LABELS = ['com.docker.', 'io.stowage.'];
/** Volumes that one call may remove. */
const MAX_REMOVALS = 500;

export interface CreateVolumeRequest {
  readonly hosts: readonly string[];
  readonly name: string | undefined;
  readonly driver: string;
  readonly driverOptions: readonly KeyValue[];
  readonly labels: readonly KeyValue[];
  /** Who asks, for the journal. */
  readonly actor: string;
}

export interface CreateVolumeOutcome {
  readonly host: Host;
  readonly volume: Volume | null;
  readonly created: boolean;
  readonly error: Problem | null;
}

export interface VolumeReference {
  readonly host: string;
  readonly name: string;
  /** Key of the volume that is meant. */
  readonly id: string | undefined;
}

export interface RemoveVolumeOptions {
  /** The engine's force. */
  readonly force: boolean;
  /** Who asks, for the journal. */
  readonly actor: string;
}

export interface RemoveVolumeOutcome {
  readonly host: Host;
  readonly name: string;
  readonly removed: boolean;
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
  const name = request.name === undefined ? `volume-${randomBytes(6).toString('hex')}` : checkObjectName('name', request.name);
  const spec = {
    name,
    driver: checkDriver(request.driver),
    options: checkKeyValues('driverOptions', request.driverOptions),
    labels: checkLabels('labels', request.labels),
  };
  const hosts = await requireHosts(context, request.hosts);
  return Promise.all(
    hosts.map(async (host) => {
      let volume: Volume | null = null;
      let created = false;
      const error = await problemOf(context, async () => {
        const sync = context.fleet.of(host);
        created = await sync.withEngine((engine) => createOn(engine, spec), { kind: 'volume', key: name, actor: request.actor });
        await sync.look('volume', name, request.actor);
        volume = (await findVolume(context.database, host.id, name)) ?? null;
      });
      return { host, volume, created, error };
    }),
  );
}

interface VolumeSpec {
  readonly name: string;
  readonly driver: string;
  readonly options: Record<string, string>;
  readonly labels: Record<string, string>;
}

/** Returns whether it was created here and now. @throws {Problem} CONFLICT when another one has the name. */
async function createOn(engine: Engine, spec: VolumeSpec): Promise<boolean> {
  // An unknown driver costs the engine 15 s of looking for a plugin.
  if (spec.driver !== 'local' && !(await engine.volumeDrivers()).includes(spec.driver)) {
    throw badInput(`driver ${quote(spec.driver)} is not one of this engine's: ${engine.info.volumeDrivers.join(', ')}.`);
  }
  const nonce = randomBytes(12).toString('hex');
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

/** Removes volumes that nothing refers to, each only if it is the one that was meant. */
export async function removeVolumesCommand(
  context: CommandContext,
  references: readonly VolumeReference[],
  options: RemoveVolumeOptions,
): Promise<RemoveVolumeOutcome[]> {
  if (references.length === 0) throw badInput('volumes is empty; name at least one.');
  if (references.length > MAX_REMOVALS) {
    throw new Problem('LIMIT_EXCEEDED', `${String(references.length)} volumes were named; one call removes at most ${String(MAX_REMOVALS)}.`);
  }
  for (const { name } of references) checkObjectName('volume', name);
  const hosts = await requireHosts(
    context,
    references.map((reference) => reference.host),
  );
  return Promise.all(
    references.map(async (reference, index) => {
      const host = hosts[index] as Host;
      const error = await problemOf(context, () => removeOne(context, host, reference, options));
      return { host, name: reference.name, removed: error === null, error };
    }),
  );
}

async function removeOne(context: CommandContext, host: Host, reference: VolumeReference, options: RemoveVolumeOptions): Promise<void> {
  const { name } = reference;
  const sync = context.fleet.of(host);
  // What is known may be a moment old, and the engine's force calls the removal of nothing a success.
  await sync.look('volume', name);
  const volume = await findVolume(context.database, host.id, name);
  if (volume === undefined) throw new Problem('NOT_FOUND', `There is no volume named ${quote(name)} on host ${host.name}.`);
  if (reference.id !== undefined && reference.id !== volume.id) {
    throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now: the one that was meant is gone.`);
  }
  if (volume.protected)
    throw new Problem('VOLUME_PROTECTED', `Volume ${quote(name)} on host ${host.name} is protected. Take the protection off first (updateVolume).`);
  try {
    await sync.withEngine((engine) => engine.removeVolume(name, options.force), { kind: 'volume', key: name, actor: options.actor });
  } catch (error) {
    if (error instanceof EngineError && error.status === 409) throw await inUse(context, host, name, error);
    if (error instanceof EngineError && error.status === 404) throw new Problem('NOT_FOUND', `There is no volume named ${quote(name)} on host ${host.name}.`);
    throw error;
  }
  await sync.look('volume', name, options.actor);
}

/** Names the containers that the engine's answer gives by id. */
async function inUse(context: CommandContext, host: Host, name: string, refusal: EngineError): Promise<Problem> {
  const ids = refusal.words.match(/[0-9a-f]{64}/g) ?? [];
  const known = await context.database.container.findMany({ where: { hostId: host.id, engineId: { in: ids } }, select: { engineId: true, name: true } });
  const names = ids.map((id) => known.find((container) => container.engineId === id)?.name ?? id.slice(0, 12));
  const containers = names.length === 0 ? refusal.words : names.sort().join(', ');
  return new Problem('VOLUME_IN_USE', `Volume ${quote(name)} on host ${host.name} is in use by: ${containers}. Remove these containers first.`);
}
