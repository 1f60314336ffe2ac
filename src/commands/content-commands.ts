import type { Caller } from '../access/caller.js';
import { requirePrivilege, requireVolumeUse } from '../access/host-paths.js';
import { checkObjectName, quote, type KeyValue } from '../engine/names.js';
import { openOptions } from '../inventory/driver-options.js';
import { listHosts, requireHost, type Host } from '../inventory/hosts.js';
import type { TextRecord } from '../inventory/picture.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { deleteBackup } from '../operations/backups.js';
import { readDirectory, type Directory, type DirectoryPage } from '../operations/browse.js';
import { requirePlainLocal } from '../operations/copy.js';
import { writeBackupPolicy, type PolicyTerms } from '../operations/policy-writes.js';
import { cancelOperation, requestOperation, type Backup, type BackupPolicy, type NewOperation, type Operation, type Quiesce } from '../operations/records.js';
import { badInput, Problem } from '../problems.js';
import type { CommandContext } from './context.js';
import { requireHosts } from './host-commands.js';
import { onceByKey } from './once-by-key.js';
import { checkLabels } from './volume-commands.js';
import type { VolumeReference } from './volume-removal.js';

/** Backups that one part of a policy may keep. */
const MAX_KEPT = 1_000;

/** Who asks, under which key, for what. */
export interface Asked {
  readonly caller: Caller;
  readonly key: string | undefined;
  readonly mutation: string;
  readonly input: object;
}

export interface CloneRequest {
  readonly source: VolumeReference;
  readonly name: string;
  readonly labels: readonly KeyValue[];
  readonly quiesce: Quiesce;
}

/** Queues a copy of a volume under another name on its host. @throws {Problem}. */
export function cloneVolumeCommand(context: CommandContext, asked: Asked, request: CloneRequest): Promise<Operation> {
  const labels = checkLabels('labels', request.labels);
  checkObjectName('name', request.name);
  return queued(context, asked, async () => {
    const { host, volume } = await readableVolume(context, asked.caller, request.source);
    await refuseTaken(context, host, request.name);
    return {
      kind: 'CLONE',
      input: { quiesce: request.quiesce, labels: { ...portableLabels(volume, true), ...labels } },
      source: sourceOf(volume),
      target: { hostId: host.id, name: request.name },
      bytesTotal: volume.sizeBytes,
    };
  });
}

/** Queues a copy under another name and the removal of the old one, of a volume that no container refers to. @throws {Problem}. */
export function renameVolumeCommand(context: CommandContext, asked: Asked, source: VolumeReference, newName: string): Promise<Operation> {
  checkObjectName('newName', newName);
  return queued(context, asked, async () => {
    const { host, volume } = await readableVolume(context, asked.caller, source);
    await refuseRemoval(context, host, volume);
    await refuseTaken(context, host, newName);
    return {
      kind: 'RENAME',
      input: { labels: portableLabels(volume, false) },
      source: sourceOf(volume),
      target: { hostId: host.id, name: newName },
      bytesTotal: volume.sizeBytes,
    };
  });
}

export interface MigrateRequest {
  readonly source: VolumeReference;
  readonly toHost: string;
  readonly name: string | undefined;
  readonly removeSource: boolean;
  readonly quiesce: Quiesce;
}

/** Queues a copy on another host. @throws {Problem}. */
export function migrateVolumeCommand(context: CommandContext, asked: Asked, request: MigrateRequest): Promise<Operation> {
  const name = checkObjectName('name', request.name ?? request.source.name);
  return queued(context, asked, async () => {
    const { host, volume } = await readableVolume(context, asked.caller, request.source);
    const target = await requireHost(context.database, request.toHost);
    if (target.id === host.id) throw badInput('toHost is the host that the volume is on; use cloneVolume or renameVolume there.');
    context.fleet.of(target);
    if (request.removeSource) await refuseRemoval(context, host, volume);
    await refuseTaken(context, target, name);
    return {
      kind: 'MIGRATE',
      input: { quiesce: request.quiesce, removeSource: request.removeSource, labels: portableLabels(volume, false) },
      source: sourceOf(volume),
      target: { hostId: target.id, name },
      bytesTotal: volume.sizeBytes,
    };
  });
}

/** Queues a backup. @throws {Problem}. */
export function backupVolumeCommand(context: CommandContext, asked: Asked, source: VolumeReference, quiesce: Quiesce): Promise<Operation> {
  return queued(context, asked, async () => {
    const { volume } = await readableVolume(context, asked.caller, source);
    return { kind: 'BACKUP', input: { quiesce }, source: sourceOf(volume), bytesTotal: volume.sizeBytes };
  });
}

/** Queues a reading of a whole backup. @throws {Problem} NOT_FOUND. */
export function verifyBackupCommand(context: CommandContext, asked: Asked, id: string): Promise<Operation> {
  return queued(context, asked, async () => {
    const backup = await requireBackup(context, id);
    return { kind: 'VERIFY', input: {}, backupId: backup.id, bytesTotal: backup.contentBytes };
  });
}

export interface RestoreRequest {
  readonly backup: string;
  readonly host: string;
  readonly name: string;
  readonly overwrite: boolean;
}

/** Queues a restore into a new volume, or in place of one that no container refers to. @throws {Problem}. */
export function restoreVolumeCommand(context: CommandContext, asked: Asked, request: RestoreRequest): Promise<Operation> {
  checkObjectName('name', request.name);
  return queued(context, asked, async () => {
    const backup = await requireBackup(context, request.backup);
    // What a backup holds of a host's own files is as much theirs as the files.
    const origin = await context.database.volume.findUnique({ where: { id: backup.volumeId } });
    if (origin !== null) requireVolumeUse(asked.caller, context.allowedHostPaths, { ...origin, options: plainOptions(context, origin) });
    else requirePrivilege(asked.caller, 'A backup of a volume that went with its host, so that it may have been made of paths of that host,');
    const host = await requireHost(context.database, request.host);
    await context.fleet.of(host).look('volume', request.name);
    const there = await findVolume(context.database, host.id, request.name);
    if (there !== undefined) {
      requireVolumeUse(asked.caller, context.allowedHostPaths, { ...there, options: plainOptions(context, there) });
      await refuseRemoval(context, host, there);
    }
    return {
      kind: 'RESTORE',
      input: { overwrite: request.overwrite },
      target: { hostId: host.id, name: request.name },
      backupId: backup.id,
      bytesTotal: backup.contentBytes,
    };
  });
}

/** Queues a measurement of all volumes of these hosts; of all hosts when none are named. @throws {Problem} NOT_FOUND. */
export async function measureVolumesCommand(context: CommandContext, caller: Caller, names: readonly string[] | undefined): Promise<Operation> {
  const hosts = names === undefined ? (await listHosts(context.database)).filter(({ enabled }) => enabled) : await requireHosts(context, names);
  for (const host of hosts) context.fleet.of(host);
  return queue(context, { kind: 'MEASURE', requestedBy: caller.name, input: { hostIds: [...new Set(hosts.map(({ id }) => id))] } });
}

/** Asks an operation to end. @throws {Problem} NOT_FOUND, CONFLICT. */
export async function cancelOperationCommand(context: CommandContext, id: string, actor: string): Promise<Operation> {
  const operation = await cancelOperation(context.database, id, actor);
  context.committed();
  return operation;
}

/** Removes a backup for good. @throws {Problem} NOT_FOUND, CONFLICT. */
export function deleteBackupCommand(context: CommandContext, id: string, actor: string): Promise<void> {
  return deleteBackup(context.operations, id, actor);
}

export interface PolicyRequest {
  readonly volume: VolumeReference;
  /** null: no policy any more. */
  readonly cron: string | null;
  readonly quiesce: Quiesce;
  readonly keepLast: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
}

/** Sets when a volume is backed up and how many backups are kept, or takes that away. @throws {Problem}. */
export async function setBackupPolicyCommand(context: CommandContext, caller: Caller, request: PolicyRequest): Promise<BackupPolicy | null> {
  const { host, volume } = await readableVolume(context, caller, request.volume);
  const { cron, quiesce, keepLast, keepDaily, keepWeekly } = request;
  const write = async (policy: PolicyTerms | null) => {
    const written = await writeBackupPolicy(context.database, { host, volume, actor: caller.name, declaredIn: null }, policy);
    context.committed();
    return written;
  };
  if (cron === null) return write(null);
  for (const [name, count] of Object.entries({ keepLast, keepDaily, keepWeekly })) {
    if (count < 0 || count > MAX_KEPT) throw badInput(`${name} is ${String(count)}; it must be from 0 to ${String(MAX_KEPT)}.`);
  }
  if (keepLast < 1) throw badInput('keepLast is 0; at least the last backup is kept.');
  return write({ cron, quiesce, keepLast, keepDaily, keepWeekly, visibleHostIds: visibleHostIds(caller.hosts ?? []) });
}

/** Reads a directory of a volume. @throws {Problem}. */
export async function readDirectoryCommand(
  context: CommandContext,
  caller: Caller,
  reference: VolumeReference,
  path: string,
  page: DirectoryPage,
): Promise<Directory> {
  const { host, volume } = await readableVolume(context, caller, reference);
  return readDirectory(context.operations, host, volume.name, path, page);
}

/** The volume that is meant, as it is now, if the caller may read it. @throws {Problem} NOT_FOUND, CONFLICT, FORBIDDEN. */
async function readableVolume(context: CommandContext, caller: Caller, reference: VolumeReference): Promise<{ host: Host; volume: Volume }> {
  checkObjectName('volume', reference.name);
  const host = await requireHost(context.database, reference.host);
  await context.fleet.of(host).look('volume', reference.name);
  const volume = await findVolume(context.database, host.id, reference.name);
  if (volume === undefined) throw new Problem('NOT_FOUND', `There is no volume named ${quote(reference.name)} on host ${host.name}.`);
  if (reference.id !== undefined && reference.id !== volume.id) {
    throw new Problem('CONFLICT', `The volume named ${quote(reference.name)} on host ${host.name} is another one by now: the one that was meant is gone.`);
  }
  requireVolumeUse(caller, context.allowedHostPaths, { ...volume, options: plainOptions(context, volume) });
  return { host, volume };
}

function plainOptions(context: CommandContext, volume: Volume): TextRecord {
  const stored = { options: volume.options as TextRecord, sealedOptions: volume.sealedOptions };
  return openOptions(context.sealer, volume.id, stored) ?? stored.options;
}

function sourceOf(volume: Volume): NonNullable<NewOperation['source']> {
  return { hostId: volume.hostId, volumeId: volume.id, name: volume.name };
}

/** Labels that a copy takes over; a second volume on one host must not pass for part of a compose project. */
function portableLabels(volume: Volume, beside: boolean): Record<string, string> {
  const kept = ([key]: [string, string]) =>
    !key.startsWith('io.stowage.') && key !== 'com.docker.volume.anonymous' && !(beside && key.startsWith('com.docker.'));
  return Object.fromEntries(Object.entries(volume.labels as Record<string, string>).filter(kept));
}

async function refuseTaken(context: CommandContext, host: Host, name: string): Promise<void> {
  await context.fleet.of(host).look('volume', name);
  if ((await findVolume(context.database, host.id, name)) === undefined) return;
  throw new Problem('CONFLICT', `There is a volume named ${quote(name)} on host ${host.name} already. Choose another name.`);
}

/** @throws {Problem} VOLUME_PROTECTED, CONFLICT, VOLUME_IN_USE. */
async function refuseRemoval(context: CommandContext, host: Host, volume: Volume): Promise<void> {
  const where = `Volume ${quote(volume.name)} on host ${host.name}`;
  if (volume.protected) throw new Problem('VOLUME_PROTECTED', `${where} is protected. Take the protection off first (updateVolume).`);
  requirePlainLocal(volume, host);
  const mounts = await context.database.mount.findMany({
    where: { volumeId: volume.id, container: { removedAt: null } },
    select: { container: { select: { name: true } } },
  });
  if (mounts.length === 0) return;
  const names = [...new Set(mounts.map(({ container }) => container.name))].sort().join(', ');
  throw new Problem('VOLUME_IN_USE', `${where} is in use by: ${names}. Remove these containers first.`);
}

async function requireBackup(context: CommandContext, id: string): Promise<Backup> {
  const backup = await context.database.backup.findUnique({ where: { id } });
  if (backup === null) throw new Problem('NOT_FOUND', 'There is no such backup.');
  return backup;
}

/** Queues an operation once for each key. */
async function queued(context: CommandContext, asked: Asked, describe: () => Promise<Omit<NewOperation, 'id' | 'requestedBy'>>): Promise<Operation> {
  const { caller, key, mutation, input } = asked;
  const { id } = await onceByKey<{ id: string }>(context, { caller, key, mutation, input }, async (attempt) => {
    // An attempt before this one may have queued it: then what it needs may have changed since.
    const known = await context.database.operation.findUnique({ where: { id: attempt.id } });
    const operation = known ?? (await queue(context, await described(caller, attempt.id, describe)));
    return { answer: { id: operation.id }, complete: true };
  });
  const operation = await context.database.operation.findUnique({ where: { id } });
  if (operation === null) throw new Problem('NOT_FOUND', 'The operation is not known any more.');
  return operation;
}

/** What was asked for, with who may see what. */
async function described(caller: Caller, id: string, describe: () => Promise<Omit<NewOperation, 'id' | 'requestedBy'>>): Promise<NewOperation> {
  const { input, ...request } = await describe();
  return { ...request, id, requestedBy: caller.name, input: { ...input, ...(caller.hosts === null ? {} : { visibleHostIds: visibleHostIds(caller.hosts) }) } };
}

function visibleHostIds(hosts: NonNullable<Caller['hosts']>): string[] {
  return hosts.flatMap(({ id }) => id ?? []);
}

async function queue(context: CommandContext, request: NewOperation): Promise<Operation> {
  const operation = await requestOperation(context.database, request);
  context.committed();
  return operation;
}
