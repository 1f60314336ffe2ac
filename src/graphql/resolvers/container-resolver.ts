import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { removeContainerCommand, startContainerCommand, stopContainerCommand } from '../../commands/container-commands.js';
import { runContainerCommand } from '../../commands/run-container.js';
import { findContainerByName } from '../../inventory/containers.js';
import { risksOfContainer, riskyMount, riskyShare } from '../../inventory/share-risks.js';
import type { RequestContext } from '../context.js';
import { toContainer, toHost, toMount, toShare, toVolume } from '../rows.js';
import { asPairs, Label, RemovedPayload } from '../types/common.js';
import { ContainerConnection } from '../types/connections.js';
import { ShareRisk } from '../types/enums.js';
import { ContainerFilter } from '../types/filters.js';
import { ContainerRef, RemoveContainerInput, RunContainerInput, StopContainerInput } from '../types/inputs.js';
import { Container, Host, Mount, Share, Volume } from '../types/inventory.js';
import { ContainerPayload } from '../types/payloads.js';
import { DEFAULT_PAGE_SIZE, pairs } from './inputs.js';
import { containerPage } from './inventory-pages.js';
import { loadAll, required } from './required.js';

@Resolver(() => Container)
export class ContainerResolver {
  @Query(() => Container, { nullable: true, description: 'By name or full engine id; one that is gone only when no other has the name.' })
  async container(
    @Ctx() { services, columns }: RequestContext,
    @Arg('host', () => String) host: string,
    @Arg('name', () => String) name: string,
  ): Promise<Container | null> {
    const row = await findContainerByName(services.database, host, name, columns);
    return row === undefined ? null : toContainer(row);
  }

  @Query(() => ContainerConnection, { description: 'Containers of all hosts, by name.' })
  async containers(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => ContainerFilter, { nullable: true }) filter: ContainerFilter | null,
  ): Promise<ContainerConnection> {
    return containerPage(context, { first, after, filter });
  }

  @FieldResolver(() => Host)
  async host(@Ctx() { loaders }: RequestContext, @Root() container: Container): Promise<Host> {
    return toHost(required(await loaders.host.load(container.hostId), 'host'));
  }

  @FieldResolver(() => [Label])
  labels(@Root() container: Container): Label[] {
    return asPairs(container.labels);
  }

  @FieldResolver(() => [Mount])
  async mounts(@Ctx() { loaders }: RequestContext, @Root() container: Container): Promise<Mount[]> {
    return (await loaders.mountsOfContainer.load(container.id)).map(toMount);
  }

  @FieldResolver(() => [Container], { description: 'The containers named by --volumes-from.' })
  async volumesFrom(@Ctx() { loaders }: RequestContext, @Root() container: Container): Promise<Container[]> {
    return (await loadAll(loaders.container.loadMany(container.volumesFrom))).map(toContainer);
  }

  @FieldResolver(() => [Share], { description: 'Shares of any kind that one of its mounts is in.' })
  async shares(@Ctx() { loaders }: RequestContext, @Root() container: Container): Promise<Share[]> {
    return (await loaders.sharesOfContainer.load(container.id)).map(toShare);
  }

  @FieldResolver(() => [ShareRisk], { description: 'Of its own mounts, and of the shares that it is in.' })
  async risks(@Ctx() { loaders, services }: RequestContext, @Root() container: Container): Promise<ShareRisk[]> {
    const mounts = await loaders.mountsOfContainer.load(container.id);
    const shares = await loaders.sharesOfContainer.load(container.id);
    return risksOfContainer(mounts.map(riskyMount), shares.map(riskyShare), services.sensitivePaths).map((risk) => ShareRisk[risk]);
  }

  @Mutation(() => ContainerPayload, { description: 'Creates a container and starts it, unless told not to. An image that is not there is pulled.' })
  async runContainer(@Ctx() { services, caller }: RequestContext, @Arg('input', () => RunContainerInput) input: RunContainerInput): Promise<ContainerPayload> {
    const row = await runContainerCommand(services.commands, {
      host: input.host,
      image: input.image,
      name: input.name ?? undefined,
      command: input.command ?? undefined,
      entrypoint: input.entrypoint ?? undefined,
      env: pairs(input.env),
      labels: pairs(input.labels),
      mounts: (input.mounts ?? []).map((mount) => ({
        type: mount.type,
        source: mount.source ?? undefined,
        destination: mount.destination,
        readOnly: mount.readOnly ?? false,
      })),
      volumesFrom: input.volumesFrom ?? [],
      network: input.network ?? undefined,
      start: input.start ?? true,
      caller,
      idempotencyKey: input.idempotencyKey ?? undefined,
    });
    return { container: toContainer(row) };
  }

  @Mutation(() => ContainerPayload, { description: 'One that has paths or privileges of its host is for ADMIN to start, whoever made it.' })
  async startContainer(@Ctx() { services, caller }: RequestContext, @Arg('container', () => ContainerRef) container: ContainerRef): Promise<ContainerPayload> {
    return { container: toContainer(await startContainerCommand(services.commands, container, caller)) };
  }

  @Mutation(() => ContainerPayload, { description: 'One with --rm is gone then, and its anonymous volumes with it; not while one of these is protected.' })
  async stopContainer(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => StopContainerInput) input: StopContainerInput,
  ): Promise<ContainerPayload> {
    return { container: toContainer(await stopContainerCommand(services.commands, input.container, input.timeoutSeconds ?? undefined, caller.name)) };
  }

  @Mutation(() => RemovedPayload)
  async removeContainer(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => RemoveContainerInput) input: RemoveContainerInput,
  ): Promise<RemovedPayload> {
    await removeContainerCommand(services.commands, input.container, {
      force: input.force ?? false,
      removeAnonymousVolumes: input.removeAnonymousVolumes ?? false,
      actor: caller.name,
    });
    return { removed: true };
  }
}

@Resolver(() => Mount)
export class MountResolver {
  @FieldResolver(() => Container)
  async container(@Ctx() { loaders }: RequestContext, @Root() mount: Mount): Promise<Container> {
    return toContainer(required(await loaders.container.load(mount.containerId), 'container'));
  }

  @FieldResolver(() => Volume, { nullable: true, description: 'VOLUME mounts only.' })
  async volume(@Ctx() { loaders }: RequestContext, @Root() mount: Mount): Promise<Volume | null> {
    const row = mount.volumeId === null ? null : await loaders.volume.load(mount.volumeId);
    return row === null ? null : toVolume(row);
  }
}
