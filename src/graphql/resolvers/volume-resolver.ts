import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { maySeeSecrets } from '../../access/permissions.js';
import { createVolumesCommand } from '../../commands/volume-commands.js';
import { updateVolumeCommand } from '../../commands/volume-notes.js';
import { removeVolumesCommand } from '../../commands/volume-removal.js';
import { maskOptions, openOptions } from '../../inventory/driver-options.js';
import type { TextRecord } from '../../inventory/picture.js';
import { listSizesOfVolumes } from '../../inventory/volume-sizes.js';
import { findVolumeByName } from '../../inventory/volumes.js';
import type { RequestContext } from '../context.js';
import { toHost, toMount, toPage, toProblem, toShare, toVolume } from '../rows.js';
import { asPairs, KeyValue, Label } from '../types/common.js';
import { LifecycleEventConnection, VolumeConnection, VolumeSizeConnection } from '../types/connections.js';
import { VolumeFilter, VolumeOrder } from '../types/filters.js';
import { CreateVolumeInput, RemoveVolumeInput, UpdateVolumeInput } from '../types/inputs.js';
import { Host, Mount, Share, Volume } from '../types/inventory.js';
import { RemoveVolumesPayload, VolumePayload, VolumesPayload } from '../types/payloads.js';
import { eventPageOfVolume } from './event-resolver.js';
import { DEFAULT_PAGE_SIZE, pageRequest, pairs, volumeReference } from './inputs.js';
import { volumePage } from './inventory-pages.js';
import { required } from './required.js';

@Resolver(() => Volume)
export class VolumeResolver {
  @Query(() => Volume, { nullable: true, description: 'The volume that has this name now, else the newest of its history.' })
  async volume(
    @Ctx() { services, columns }: RequestContext,
    @Arg('host', () => String) host: string,
    @Arg('name', () => String) name: string,
  ): Promise<Volume | null> {
    const row = await findVolumeByName(services.database, host, name, columns);
    return row === undefined ? null : toVolume(row);
  }

  @Query(() => VolumeConnection, { description: 'Volumes of all hosts; by name where no order is given.' })
  async volumes(
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => VolumeFilter, { nullable: true }) filter: VolumeFilter | null,
    @Arg('orderBy', () => VolumeOrder, { nullable: true }) orderBy: VolumeOrder | null,
  ): Promise<VolumeConnection> {
    return volumePage(context, { first, after, filter, orderBy });
  }

  @FieldResolver(() => Host)
  async host(@Ctx() { loaders }: RequestContext, @Root() volume: Volume): Promise<Host> {
    return toHost(required(await loaders.host.load(volume.hostId), 'host'));
  }

  @FieldResolver(() => [KeyValue], { description: 'Driver options; passwords in them are masked for all but ADMIN.' })
  options(@Ctx() { caller, services }: RequestContext, @Root() volume: Volume): KeyValue[] {
    const stored = { options: volume.options as TextRecord, sealedOptions: volume.sealedOptions };
    const plain = maySeeSecrets(caller) ? openOptions(services.commands.sealer, volume.id, stored) : undefined;
    return asPairs(plain ?? maskOptions(stored.options));
  }

  @FieldResolver(() => [Label])
  labels(@Root() volume: Volume): Label[] {
    return asPairs(volume.labels);
  }

  @FieldResolver(() => [KeyValue], { description: "Notes kept by the gateway, since an engine's labels cannot change." })
  annotations(@Root() volume: Volume): KeyValue[] {
    return asPairs(volume.annotations);
  }

  @FieldResolver(() => [Mount], { description: 'By the containers that are there; of a REMOVED volume, the last that are known.' })
  async mounts(@Ctx() { loaders }: RequestContext, @Root() volume: Volume): Promise<Mount[]> {
    return (await loaders.mountsOfVolume.load(volume.id)).map(toMount);
  }

  @FieldResolver(() => [Share])
  async shares(@Ctx() { loaders }: RequestContext, @Root() volume: Volume): Promise<Share[]> {
    return (await loaders.sharesOfVolume.load(volume.id)).map(toShare);
  }

  @FieldResolver(() => LifecycleEventConnection, { description: 'What happened to it, oldest first.' })
  async events(
    @Ctx() context: RequestContext,
    @Root() volume: Volume,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<LifecycleEventConnection> {
    return eventPageOfVolume(context, volume.id, first, after);
  }

  @FieldResolver(() => VolumeSizeConnection, {
    description:
      'What it held each time that it was measured, oldest first. Of what is older than an hour one an hour is kept, of what is older than a day one a day.',
  })
  async sizes(
    @Ctx() context: RequestContext,
    @Root() volume: Volume,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('newestFirst', () => Boolean, { nullable: true, defaultValue: false, description: 'From the newest back; `after` leads on to older ones then.' })
    newestFirst: boolean | null,
  ): Promise<VolumeSizeConnection> {
    const { services, loaders } = context;
    const request = { ...pageRequest(context, first, after), newestFirst: newestFirst === true };
    const pages = loaders.pages('Volume.sizes', request, (volumeIds) => listSizesOfVolumes(services.database, volumeIds, request));
    return new VolumeSizeConnection(toPage(await pages.load(volume.id), ({ measuredAt, sizeBytes }) => ({ measuredAt, sizeBytes })));
  }

  @Mutation(() => VolumesPayload, { description: 'Creates a volume on each of these hosts, at once.' })
  async createVolume(@Ctx() { services, caller }: RequestContext, @Arg('input', () => CreateVolumeInput) input: CreateVolumeInput): Promise<VolumesPayload> {
    const outcomes = await createVolumesCommand(services.commands, {
      hosts: input.hosts,
      name: input.name ?? undefined,
      driver: input.driver ?? 'local',
      driverOptions: pairs(input.driverOptions),
      labels: pairs(input.labels),
      caller,
      idempotencyKey: input.idempotencyKey ?? undefined,
    });
    return {
      results: outcomes.map(({ host, volume, created, error }) => ({
        host: toHost(host),
        volume: volume === null ? null : toVolume(volume),
        created,
        error: toProblem(error),
      })),
    };
  }

  @Mutation(() => VolumePayload, { description: 'Protects and annotates a volume. The gateway keeps both, also when the volume is removed.' })
  async updateVolume(@Ctx() { services, caller }: RequestContext, @Arg('input', () => UpdateVolumeInput) input: UpdateVolumeInput): Promise<VolumePayload> {
    const volume = await updateVolumeCommand(services.commands, {
      volume: volumeReference(input.volume),
      protected: input.protected ?? undefined,
      annotations: input.annotations ?? undefined,
      actor: caller.name,
    });
    return { volume: toVolume(volume) };
  }

  @Mutation(() => RemoveVolumesPayload, { description: 'Removes volumes that no container refers to.' })
  async removeVolumes(
    @Ctx() { services, caller }: RequestContext,
    @Arg('input', () => RemoveVolumeInput) input: RemoveVolumeInput,
  ): Promise<RemoveVolumesPayload> {
    const outcomes = await removeVolumesCommand(services.commands, input.volumes.map(volumeReference), { force: input.force ?? false, caller });
    return { results: outcomes.map((outcome) => ({ ...outcome, host: toHost(outcome.host), error: toProblem(outcome.error) })) };
  }
}
