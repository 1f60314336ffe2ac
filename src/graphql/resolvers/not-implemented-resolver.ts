import { Arg, FieldResolver, ID, Int, Mutation, Query, Resolver, Subscription } from 'type-graphql';
import { Problem } from '../../problems.js';
import { AccessToken } from '../types/access.js';
import { RemovedPayload } from '../types/common.js';
import { BackupConnection, OperationConnection } from '../types/connections.js';
import { VolumeFilter } from '../types/filters.js';
import {
  ApplyPruneInput,
  BackupVolumeInput,
  CloneVolumeInput,
  CreateTokenInput,
  MeasureVolumesInput,
  MigrateVolumeInput,
  RenameVolumeInput,
  RestoreVolumeInput,
  UpdateVolumeInput,
} from '../types/inputs.js';
import { Volume } from '../types/inventory.js';
import { Operation, OperationFilter, PrunePlan } from '../types/operations.js';
import { OperationPayload, RemoveVolumesPayload, TokenPayload, VolumePayload } from '../types/payloads.js';
import { DEFAULT_PAGE_SIZE } from './inputs.js';

function notYet(field: string): Problem {
  return new Problem('NOT_IMPLEMENTED', `${field} is in the schema but not built yet. See "Not yet" in the README.`);
}

/** What the schema promises and is not built yet. It says so, and never invents an answer. */
@Resolver(() => Volume)
export class NotImplementedResolver {




  @Query(() => PrunePlan, { description: 'What applyPrune would remove, and what it spares and why.' })
  prunePlan(@Arg('filter', () => VolumeFilter, { nullable: true }) _filter: VolumeFilter | null): PrunePlan {
    throw notYet('prunePlan');
  }

  @Query(() => [AccessToken])
  tokens(): AccessToken[] {
    throw notYet('tokens');
  }

  @Mutation(() => VolumePayload)
  updateVolume(@Arg('input', () => UpdateVolumeInput) _input: UpdateVolumeInput): VolumePayload {
    throw notYet('updateVolume');
  }

  @Mutation(() => RemoveVolumesPayload)
  applyPrune(@Arg('input', () => ApplyPruneInput) _input: ApplyPruneInput): RemoveVolumesPayload {
    throw notYet('applyPrune');
  }










  @Mutation(() => TokenPayload)
  createToken(@Arg('input', () => CreateTokenInput) _input: CreateTokenInput): TokenPayload {
    throw notYet('createToken');
  }

  @Mutation(() => RemovedPayload)
  revokeToken(@Arg('id', () => ID) _id: string): RemovedPayload {
    throw notYet('revokeToken');
  }
}
