import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { deleteBackupCommand, readDirectoryCommand, setBackupPolicyCommand } from '../../commands/content-commands.js';
import { listBackups, listBackupsOfVolumes } from '../../operations/lists.js';
import { badInput } from '../../problems.js';
import type { RequestContext } from '../context.js';
import { parseIdOf } from '../global-id.js';
import { toBackup, toHost, toPage, toPolicy, toVolume } from '../rows.js';
import { RemovedPayload } from '../types/common.js';
import { BackupConnection } from '../types/connections.js';
import { FileConnection } from '../types/files.js';
import { SetBackupPolicyInput } from '../types/inputs.js';
import { Host, Volume } from '../types/inventory.js';
import { Backup, BackupPolicy } from '../types/operations.js';
import { BackupPolicyPayload } from '../types/payloads.js';
import { DEFAULT_PAGE_SIZE, pageRequest, volumeReference } from './inputs.js';
import { required } from './required.js';

@Resolver(() => Backup)
export class BackupResolver {
  @Query(() => BackupConnection, { description: 'Newest first.' })
  async backups(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('host', () => String, { nullable: true }) host: string | null,
    @Arg('volume', () => String, { nullable: true }) volume: string | null,
  ): Promise<BackupConnection> {
    const query = { host: host ?? undefined, volume: volume ?? undefined };
    return new BackupConnection(toPage(await listBackups(context.services.database, query, pageRequest(context, first, after)), toBackup));
  }

  @FieldResolver(() => Host, { nullable: true, description: 'null when it is not known any more.' })
  async host(@Ctx() { loaders }: RequestContext, @Root() backup: Backup): Promise<Host | null> {
    const row = await loaders.host.load(backup.hostKey);
    return row === null ? null : toHost(row);
  }

  @FieldResolver(() => Volume, { nullable: true, description: 'null when its host is not known any more.' })
  async volume(@Ctx() { loaders }: RequestContext, @Root() backup: Backup): Promise<Volume | null> {
    const row = await loaders.volume.load(backup.volumeKey);
    return row === null ? null : toVolume(row);
  }

  @Mutation(() => RemovedPayload, { description: 'Removes a backup from its store, for good.' })
  async deleteBackup(@Ctx() { services, caller }: RequestContext, @Arg('backup', () => ID) backup: string): Promise<RemovedPayload> {
    await deleteBackupCommand(services.commands, parseIdOf('Backup', backup), caller.name);
    return { removed: true };
  }

  @Mutation(() => BackupPolicyPayload, { description: 'Has a volume backed up at set times. Without cron the policy is taken away.' })
  async setBackupPolicy(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => SetBackupPolicyInput) input: SetBackupPolicyInput,
  ): Promise<BackupPolicyPayload> {
    const policy = await setBackupPolicyCommand(services.commands, caller, {
      volume: volumeReference(input.volume),
      cron: input.cron ?? null,
      quiesce: input.quiesce ?? 'LIVE',
      keepLast: input.keepLast ?? 7,
      keepDaily: input.keepDaily ?? 0,
      keepWeekly: input.keepWeekly ?? 0,
    });
    return { policy: policy === null ? null : toPolicy(policy) };
  }
}

@Resolver(() => Volume)
export class VolumeContentResolver {
  @FieldResolver(() => BackupConnection, { description: 'Newest first.' })
  async backups(
    @Ctx() context: RequestContext,
    @Root() volume: Volume,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<BackupConnection> {
    const { services, loaders } = context;
    const request = pageRequest(context, first, after);
    const pages = loaders.pages('Volume.backups', request, (volumeIds) => listBackupsOfVolumes(services.database, volumeIds, request));
    return new BackupConnection(toPage(await pages.load(volume.id), toBackup));
  }

  @FieldResolver(() => BackupPolicy, { nullable: true, description: 'When it is backed up.' })
  async backupPolicy(@Ctx() { loaders }: RequestContext, @Root() volume: Volume): Promise<BackupPolicy | null> {
    const row = await loaders.policyOfVolume.load(volume.id);
    return row === null ? null : toPolicy(row);
  }

  @FieldResolver(() => FileConnection, {
    description: 'What lies in one directory of it, by name. The engine is asked each time, and a bounded amount is read: see `complete`.',
  })
  async files(
    @Ctx() context: RequestContext,
    @Root() volume: Volume,
    @Arg('path', () => String, { nullable: true, defaultValue: '/' }) path: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
  ): Promise<FileConnection> {
    const { first: size } = pageRequest(context, first, after);
    const { services, caller, loaders } = context;
    const host = required(await loaders.host.load(volume.hostId), 'host');
    const key = after === null || after === undefined ? undefined : parseFileCursor(after);
    const reference = { host: required(host.name ?? null, 'host'), name: volume.name, id: volume.id };
    const { files, complete } = await readDirectoryCommand(services.commands, caller, reference, path ?? '/', { after: key, count: size });
    const hasNextPage = files.length > size;
    return new FileConnection(files.slice(0, size), hasNextPage, key !== undefined, complete || hasNextPage);
  }
}

/** The key of the file that a cursor stands for. */
function parseFileCursor(cursor: string): string {
  const name = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!name.startsWith('f')) throw badInput('after is not a cursor of this list. Give back a cursor just as it was received.');
  return name.slice(1);
}
