import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { impactOfHost, impactOfStorage } from '../../inventory/impact.js';
import { badInput } from '../../problems.js';
import type { RequestContext } from '../context.js';
import { toContainer, toShare, toVolume } from '../rows.js';
import { Impact } from '../types/findings.js';

@Resolver(() => Impact)
export class ImpactResolver {
  @Query(() => Impact, { description: 'What stands still when a host, or a piece of storage or its server, goes away. Give one of the two.' })
  async impact(
    @Ctx() { services, columns }: RequestContext,
    @Arg('host', () => String, { nullable: true }) host: string | null | undefined,
    @Arg('storage', () => String, {
      nullable: true,
      description: "A share's identity, or the server in it; also a directory of a host, an export in any spelling, or the name of a volume.",
    })
    storage: string | null | undefined,
  ): Promise<Impact> {
    const [named, place] = [host ?? undefined, storage ?? undefined];
    if ((named === undefined) === (place === undefined)) throw badInput('Give either host or storage.');
    const { database } = services;
    const found = named === undefined ? await impactOfStorage(database, place ?? '', columns) : await impactOfHost(database, named, columns);
    return {
      containers: found.containers.map(toContainer),
      volumes: found.volumes.map(toVolume),
      shares: found.shares.map(toShare),
      composeProjects: [...found.composeProjects],
    };
  }
}
