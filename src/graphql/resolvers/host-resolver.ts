import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { addHostCommand, removeHostCommand, syncHostsCommand, updateHostCommand } from '../../commands/host-commands.js';
import { asRecord, asText } from '../../engine/json-values.js';
import { wasRead } from '../../inventory/columns.js';
import { findHostPart, listHostParts } from '../../inventory/lookups.js';
import type { RequestContext } from '../context.js';
import { toHost, toProblem } from '../rows.js';
import { asPairs, Label, RemovedPayload } from '../types/common.js';
import { ContainerConnection, VolumeConnection } from '../types/connections.js';
import { ContainerFilter, VolumeFilter, VolumeOrder } from '../types/filters.js';
import { AddHostInput, RemoveHostInput, UpdateHostInput } from '../types/inputs.js';
import { Engine, Host, HostStats } from '../types/inventory.js';
import { HostPayload, SyncPayload } from '../types/payloads.js';
import { credentialsOf, DEFAULT_PAGE_SIZE, pairs } from './inputs.js';
import { containerPageOfHost, volumePageOfHost } from './inventory-pages.js';

@Resolver(() => Host)
export class HostResolver {
  @Query(() => [Host], { description: 'All hosts, by name.' })
  async hosts(@Ctx() { services, columns }: RequestContext): Promise<Host[]> {
    return (await listHostParts(services.database, columns)).map(toHost);
  }

  @Query(() => Host, { nullable: true })
  async host(@Ctx() { services, columns }: RequestContext, @Arg('name', () => String) name: string): Promise<Host | null> {
    const row = await findHostPart(services.database, name, columns);
    return row === undefined ? null : toHost(row);
  }

  @FieldResolver(() => [Label])
  labels(@Root() host: Host): Label[] {
    return asPairs(host.labels);
  }

  @FieldResolver(() => Engine, { nullable: true, description: 'null until it was reached for the first time.' })
  engine(@Root() host: Host): Engine | null {
    if (host.engine === null) return null;
    const facts = asRecord(host.engine);
    const optional = (name: string) => (typeof facts[name] === 'string' ? facts[name] : null);
    return {
      version: asText(facts['version']),
      apiVersion: asText(facts['apiVersion']),
      os: asText(facts['os']),
      arch: asText(facts['arch']),
      storageDriver: optional('storageDriver'),
      name: optional('name'),
    };
  }

  @FieldResolver(() => Boolean, { description: 'The settings of the gateway declare it: it is changed there, and updateHost and removeHost refuse.' })
  declared(@Root() host: Host): boolean {
    return wasRead(host.declaredIn) !== null;
  }

  @FieldResolver(() => HostStats)
  async stats(@Ctx() { loaders }: RequestContext, @Root() host: Host): Promise<HostStats> {
    const counts = await loaders.hostCounts.load(host.id);
    return counts ?? { volumes: 0, containers: 0, mounts: 0, sharedVolumes: 0, danglingVolumes: 0, sizeBytes: null };
  }

  @FieldResolver(() => VolumeConnection)
  async volumes(
    @Ctx() context: RequestContext,
    @Root() host: Host,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => VolumeFilter, { nullable: true }) filter: VolumeFilter | null,
    @Arg('orderBy', () => VolumeOrder, { nullable: true }) orderBy: VolumeOrder | null,
  ): Promise<VolumeConnection> {
    return volumePageOfHost(context, host.id, { first, after, filter, orderBy });
  }

  @FieldResolver(() => ContainerConnection)
  async containers(
    @Ctx() context: RequestContext,
    @Root() host: Host,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => ContainerFilter, { nullable: true }) filter: ContainerFilter | null,
  ): Promise<ContainerConnection> {
    return containerPageOfHost(context, host.id, { first, after, filter });
  }

  @Mutation(() => HostPayload, { description: 'Adds a host whose engine answers. When it does not, nothing is added.' })
  async addHost(@Ctx() { services, caller, address }: RequestContext, @Arg('input', () => AddHostInput) input: AddHostInput): Promise<HostPayload> {
    const credentials = credentialsOf(input.tls, input.ssh) ?? {};
    const request = { name: input.name, endpoint: input.endpoint, labels: pairs(input.labels), credentials };
    return { host: toHost(await addHostCommand(services.commands, request, caller.name, address)) };
  }

  @Mutation(() => HostPayload, { description: 'Changes a host. A new endpoint or new keys are tried first.' })
  async updateHost(@Ctx() { services, caller, address }: RequestContext, @Arg('input', () => UpdateHostInput) input: UpdateHostInput): Promise<HostPayload> {
    const change = {
      name: input.name,
      newName: input.newName ?? undefined,
      endpoint: input.endpoint ?? undefined,
      labels: input.labels === null || input.labels === undefined ? undefined : pairs(input.labels),
      credentials: credentialsOf(input.tls, input.ssh),
      enabled: input.enabled ?? undefined,
    };
    const host = await updateHostCommand(services.commands, change, caller.name, address);
    return { host: toHost(host) };
  }

  @Mutation(() => RemovedPayload, { description: 'Forgets a host with its inventory. Its engine is not touched, and its events stay.' })
  async removeHost(@Ctx() { services, caller, address }: RequestContext, @Arg('input', () => RemoveHostInput) input: RemoveHostInput): Promise<RemovedPayload> {
    return { removed: await removeHostCommand(services.commands, input.name, caller.name, address) };
  }

  @Mutation(() => SyncPayload, { description: 'Compares hosts with their engines in full, now.' })
  async syncHosts(
    @Ctx() { services }: RequestContext,
    @Arg('hosts', () => [String], { nullable: true, description: 'Absent: all.' }) hosts: string[] | null,
  ): Promise<SyncPayload> {
    const outcomes = await syncHostsCommand(services.commands, hosts ?? undefined);
    return { results: outcomes.map(({ host, error }) => ({ host: toHost(host), error: toProblem(error) })) };
  }
}
