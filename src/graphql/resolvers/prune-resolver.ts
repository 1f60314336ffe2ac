import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { applyPruneCommand, planPrune } from '../../commands/prune.js';
import type { RequestContext } from '../context.js';
import { toHost, toProblem, toVolume } from '../rows.js';
import { VolumeFilter } from '../types/filters.js';
import { ApplyPruneInput } from '../types/inputs.js';
import { PrunePlan } from '../types/operations.js';
import { RemoveVolumesPayload } from '../types/payloads.js';
import { volumeQuery } from './inputs.js';

@Resolver()
export class PruneResolver {
  @Query(() => PrunePlan, {
    description:
      'What applyPrune would remove, and what it spares and why. anonymous, unusedFor and protected say what of the matching volumes may go; all other parts say which volumes are looked at.',
  })
  async prunePlan(
    @Ctx() { services, caller }: RequestContext,
    @Arg('filter', () => VolumeFilter, { nullable: true }) filter: VolumeFilter | null,
  ): Promise<PrunePlan> {
    const plan = await planPrune(services.commands, volumeQuery(filter), caller);
    return {
      ...plan,
      remove: plan.remove.map(toVolume),
      spare: plan.spare.map(({ volume, reason }) => ({ volume: toVolume(volume), reason })),
    };
  }

  @Mutation(() => RemoveVolumesPayload, {
    description: 'Removes what a plan says and nothing else, after looking at each volume once more; one that came into use meanwhile is spared.',
  })
  async applyPrune(@Ctx() { services, caller }: RequestContext, @Arg('input', () => ApplyPruneInput) input: ApplyPruneInput): Promise<RemoveVolumesPayload> {
    const outcomes = await applyPruneCommand(services.commands, input.planId, caller);
    return { results: outcomes.map((outcome) => ({ ...outcome, host: toHost(outcome.host), error: toProblem(outcome.error) })) };
  }
}
