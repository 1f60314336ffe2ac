import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import {
  backupVolumeCommand,
  cancelOperationCommand,
  cloneVolumeCommand,
  measureVolumesCommand,
  migrateVolumeCommand,
  renameVolumeCommand,
  restoreVolumeCommand,
  verifyBackupCommand,
} from '../../commands/content-commands.js';
import { listOperations, operationsById, type ShownOperation } from '../../operations/lists.js';
import { Problem } from '../../problems.js';
import type { RequestContext } from '../context.js';
import { parseIdOf } from '../global-id.js';
import { SharedStream } from '../live/shared-stream.js';
import { toBackup, toOperation, toPage, toVolume } from '../rows.js';
import { OperationConnection } from '../types/connections.js';
import { BackupVolumeInput, CloneVolumeInput, MeasureVolumesInput, MigrateVolumeInput, RenameVolumeInput, RestoreVolumeInput } from '../types/inputs.js';
import { Volume } from '../types/inventory.js';
import { Backup, Operation, OperationFilter } from '../types/operations.js';
import { OperationPayload } from '../types/payloads.js';
import { DEFAULT_PAGE_SIZE, pageRequest, pairs, volumeReference } from './inputs.js';

async function follow({ context, args }: { context: RequestContext; args: { id: string } }): Promise<SharedStream<ShownOperation>> {
  const { database, control, operationFeed } = context.services;
  const id = parseIdOf('Operation', args.id);
  // Through the caller's own view: of what is hidden from it, nothing is told.
  const [row] = await control.whileUp(() => operationsById(database, [id]));
  if (row === undefined) throw new Problem('NOT_FOUND', 'There is no such operation.');
  return new SharedStream(`operation ${id}`, (listener) => operationFeed.follow(id, listener));
}

@Resolver(() => Operation)
export class OperationResolver {
  @Query(() => Operation, { nullable: true })
  async operation(@Ctx() { loaders }: RequestContext, @Arg('id', () => ID) id: string): Promise<Operation | null> {
    const row = await loaders.operation.load(parseIdOf('Operation', id));
    return row === null ? null : toOperation(row);
  }

  @Query(() => OperationConnection, { description: 'Newest first.' })
  async operations(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => OperationFilter, { nullable: true }) filter: OperationFilter | null,
  ): Promise<OperationConnection> {
    const query = { kinds: filter?.kinds ?? undefined, states: filter?.states ?? undefined, hosts: filter?.hosts ?? undefined };
    return new OperationConnection(toPage(await listOperations(context.services.database, query, pageRequest(context, first, after)), toOperation));
  }

  @Subscription(() => Operation, { name: 'operation', description: 'The operation now, then at every change, until it ends.', subscribe: follow })
  onOperation(@Root() row: ShownOperation, @Arg('id', () => ID) _id: string): Operation {
    return toOperation(row);
  }

  @FieldResolver(() => Volume, { nullable: true })
  async source(@Ctx() { loaders }: RequestContext, @Root() operation: Operation): Promise<Volume | null> {
    const row = operation.sourceKey === null ? null : await loaders.volume.load(operation.sourceKey);
    return row === null ? null : toVolume(row);
  }

  @FieldResolver(() => Volume, { nullable: true, description: 'null until it is whole and verified.' })
  async target(@Ctx() { loaders }: RequestContext, @Root() operation: Operation): Promise<Volume | null> {
    const row = operation.targetKey === null ? null : await loaders.volume.load(operation.targetKey);
    return row === null ? null : toVolume(row);
  }

  @FieldResolver(() => Backup, { nullable: true, description: 'null until it is whole and verified, and when it was deleted.' })
  async backup(@Ctx() { loaders }: RequestContext, @Root() operation: Operation): Promise<Backup | null> {
    const row = operation.backupKey === null ? null : await loaders.backup.load(operation.backupKey);
    return row === null ? null : toBackup(row);
  }

  @Mutation(() => OperationPayload, { description: 'Copies a volume under another name on its host.' })
  async cloneVolume(@Ctx() { services, caller }: RequestContext, @Arg('input', () => CloneVolumeInput) input: CloneVolumeInput): Promise<OperationPayload> {
    const asked = { caller, key: input.idempotencyKey ?? undefined, mutation: 'cloneVolume', input };
    const request = { source: volumeReference(input.source), name: input.name, labels: pairs(input.labels), quiesce: input.quiesce ?? 'LIVE' };
    return { operation: toOperation(await cloneVolumeCommand(services.commands, asked, request)) };
  }

  @Mutation(() => OperationPayload, { description: 'Of unused volumes: copy, verify, then remove the old one.' })
  async renameVolume(@Ctx() { services, caller }: RequestContext, @Arg('input', () => RenameVolumeInput) input: RenameVolumeInput): Promise<OperationPayload> {
    const asked = { caller, key: input.idempotencyKey ?? undefined, mutation: 'renameVolume', input };
    return { operation: toOperation(await renameVolumeCommand(services.commands, asked, volumeReference(input.volume), input.newName)) };
  }

  @Mutation(() => OperationPayload, { description: 'Copies a volume to another host, and removes the source, when asked, once the copy is verified.' })
  async migrateVolume(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => MigrateVolumeInput) input: MigrateVolumeInput,
  ): Promise<OperationPayload> {
    const asked = { caller, key: input.idempotencyKey ?? undefined, mutation: 'migrateVolume', input };
    const request = {
      source: volumeReference(input.source),
      toHost: input.toHost,
      name: input.name ?? undefined,
      removeSource: input.removeSource ?? false,
      quiesce: input.quiesce ?? 'LIVE',
    };
    return { operation: toOperation(await migrateVolumeCommand(services.commands, asked, request)) };
  }

  @Mutation(() => OperationPayload)
  async backupVolume(@Ctx() { services, caller }: RequestContext, @Arg('input', () => BackupVolumeInput) input: BackupVolumeInput): Promise<OperationPayload> {
    const asked = { caller, key: input.idempotencyKey ?? undefined, mutation: 'backupVolume', input };
    return { operation: toOperation(await backupVolumeCommand(services.commands, asked, volumeReference(input.volume), input.quiesce ?? 'LIVE')) };
  }

  @Mutation(() => OperationPayload, { description: 'Reads a whole backup and compares it with what was noted when it was made.' })
  async verifyBackup(@Ctx() { services, caller }: RequestContext, @Arg('backup', () => ID) backup: string): Promise<OperationPayload> {
    const asked = { caller, key: undefined, mutation: 'verifyBackup', input: {} };
    return { operation: toOperation(await verifyBackupCommand(services.commands, asked, parseIdOf('Backup', backup))) };
  }

  @Mutation(() => OperationPayload, { description: 'Into a new volume; with overwrite, in place of one that no container refers to.' })
  async restoreVolume(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => RestoreVolumeInput) input: RestoreVolumeInput,
  ): Promise<OperationPayload> {
    const asked = { caller, key: input.idempotencyKey ?? undefined, mutation: 'restoreVolume', input };
    const request = { backup: parseIdOf('Backup', input.backup), host: input.host, name: input.name, overwrite: input.overwrite ?? false };
    return { operation: toOperation(await restoreVolumeCommand(services.commands, asked, request)) };
  }

  @Mutation(() => OperationPayload, { description: 'Has the engines measure all their volumes, one engine after the other.' })
  async measureVolumes(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => MeasureVolumesInput) input: MeasureVolumesInput,
  ): Promise<OperationPayload> {
    return { operation: toOperation(await measureVolumesCommand(services.commands, caller, input.hosts ?? undefined)) };
  }

  @Mutation(() => OperationPayload, { description: 'Ends an operation; what it has begun is undone.' })
  async cancelOperation(@Ctx() { services, caller }: RequestContext, @Arg('id', () => ID) id: string): Promise<OperationPayload> {
    return { operation: toOperation(await cancelOperationCommand(services.commands, parseIdOf('Operation', id), caller.name)) };
  }
}
