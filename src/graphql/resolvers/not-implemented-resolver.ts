import { Arg, FieldResolver, ID, Int, Mutation, Query, Resolver, Subscription } from 'type-graphql';
import { Problem } from '../../problems.js';
import { AccessToken } from '../types/access.js';
import { RemovedPayload } from '../types/common.js';
import { BackupConnection, OperationConnection } from '../types/connections.js';
import {
  BackupVolumeInput,
  CloneVolumeInput,
  CreateTokenInput,
  MeasureVolumesInput,
  MigrateVolumeInput,
  RenameVolumeInput,
  RestoreVolumeInput,
} from '../types/inputs.js';
import { Volume } from '../types/inventory.js';
import { Operation, OperationFilter } from '../types/operations.js';
import { OperationPayload, TokenPayload } from '../types/payloads.js';
import { DEFAULT_PAGE_SIZE } from './inputs.js';

function notYet(field: string): Problem {
  return new Problem('NOT_IMPLEMENTED', `${field} is in the schema but not built yet. See "Not yet" in the README.`);
}

/** What the schema promises and is not built yet. It says so, and never invents an answer. */
@Resolver(() => Volume)
export class NotImplementedResolver {
  @FieldResolver(() => BackupConnection, { name: 'backups' })
  backupsOfVolume(
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) _first: number | null,
    @Arg('after', () => String, { nullable: true }) _after: string | null,
  ): BackupConnection {
    throw notYet('Volume.backups');
  }

  @Query(() => Operation, { nullable: true })
  operation(@Arg('id', () => ID) _id: string): Operation {
    throw notYet('operation');
  }

  @Query(() => OperationConnection)
  operations(
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) _first: number | null,
    @Arg('after', () => String, { nullable: true }) _after: string | null,
    @Arg('filter', () => OperationFilter, { nullable: true }) _filter: OperationFilter | null,
  ): OperationConnection {
    throw notYet('operations');
  }

  @Query(() => BackupConnection)
  backups(
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) _first: number | null,
    @Arg('after', () => String, { nullable: true }) _after: string | null,
    @Arg('host', () => String, { nullable: true }) _host: string | null,
    @Arg('volume', () => String, { nullable: true }) _volume: string | null,
  ): BackupConnection {
    throw notYet('backups');
  }

  @Query(() => [AccessToken])
  tokens(): AccessToken[] {
    throw notYet('tokens');
  }

  @Mutation(() => OperationPayload)
  cloneVolume(@Arg('input', () => CloneVolumeInput) _input: CloneVolumeInput): OperationPayload {
    throw notYet('cloneVolume');
  }

  @Mutation(() => OperationPayload, { description: 'Of unused volumes: copy, verify, then remove the old one.' })
  renameVolume(@Arg('input', () => RenameVolumeInput) _input: RenameVolumeInput): OperationPayload {
    throw notYet('renameVolume');
  }

  @Mutation(() => OperationPayload)
  migrateVolume(@Arg('input', () => MigrateVolumeInput) _input: MigrateVolumeInput): OperationPayload {
    throw notYet('migrateVolume');
  }

  @Mutation(() => OperationPayload)
  backupVolume(@Arg('input', () => BackupVolumeInput) _input: BackupVolumeInput): OperationPayload {
    throw notYet('backupVolume');
  }

  @Mutation(() => OperationPayload)
  verifyBackup(@Arg('backup', () => ID) _backup: string): OperationPayload {
    throw notYet('verifyBackup');
  }

  @Mutation(() => OperationPayload)
  restoreVolume(@Arg('input', () => RestoreVolumeInput) _input: RestoreVolumeInput): OperationPayload {
    throw notYet('restoreVolume');
  }

  @Mutation(() => RemovedPayload)
  deleteBackup(@Arg('backup', () => ID) _backup: string): RemovedPayload {
    throw notYet('deleteBackup');
  }

  @Mutation(() => OperationPayload)
  measureVolumes(@Arg('input', () => MeasureVolumesInput) _input: MeasureVolumesInput): OperationPayload {
    throw notYet('measureVolumes');
  }

  @Mutation(() => OperationPayload)
  cancelOperation(@Arg('id', () => ID) _id: string): OperationPayload {
    throw notYet('cancelOperation');
  }

  @Mutation(() => TokenPayload)
  createToken(@Arg('input', () => CreateTokenInput) _input: CreateTokenInput): TokenPayload {
    throw notYet('createToken');
  }

  @Mutation(() => RemovedPayload)
  revokeToken(@Arg('id', () => ID) _id: string): RemovedPayload {
    throw notYet('revokeToken');
  }

  @Subscription(() => Operation, {
    name: 'operation',
    description: 'The operation now, then at every change, until it ends.',
    subscribe: () => {
      throw notYet('Subscription.operation');
    },
  })
  onOperation(@Arg('id', () => ID) _id: string): Operation {
    throw notYet('Subscription.operation');
  }
}
