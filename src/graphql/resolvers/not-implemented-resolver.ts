import { Arg, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Problem } from '../../problems.js';
import { AccessToken } from '../types/access.js';
import { RemovedPayload } from '../types/common.js';
import { VolumeFilter } from '../types/filters.js';
import { ApplyPruneInput, CreateTokenInput, UpdateVolumeInput } from '../types/inputs.js';
import { Volume } from '../types/inventory.js';
import { PrunePlan } from '../types/operations.js';
import { RemoveVolumesPayload, TokenPayload, VolumePayload } from '../types/payloads.js';

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
