import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { entriesFor, mayAdministerTokens } from '../../access/permissions.js';
import { readToken } from '../../access/tokens.js';
import { matches } from '../../journal/entry.js';
import type { RequestContext } from '../context.js';
import { parseId } from '../global-id.js';
import { toBackup, toContainer, toEvent, toHost, toMount, toOperation, toShare, toToken, toVolume } from '../rows.js';
import { Limits, Viewer } from '../types/access.js';
import { Node } from '../types/common.js';

@Resolver()
export class NodeResolver {
  @Query(() => Node, { nullable: true, description: 'Anything by its id, also what is removed and kept as history.' })
  async node(@Ctx() { caller, services, loaders }: RequestContext, @Arg('id', () => ID) id: string): Promise<Node | null> {
    const { type, key } = parseId(id);
    const found = <Row>(row: Row | null | undefined, convert: (row: Row) => Node) => (row === null || row === undefined ? null : convert(row));
    switch (type) {
      case 'Host':
        return found(await loaders.host.load(key), toHost);
      case 'Volume':
        return found(await loaders.volume.load(key), toVolume);
      case 'Container':
        return found(await loaders.container.load(key), toContainer);
      case 'Mount':
        return found(await loaders.mount.load(key), toMount);
      case 'Share':
        return found(await loaders.share.load(key), toShare);
      case 'LifecycleEvent': {
        const entry = await loaders.event.load(BigInt(key));
        return entry !== null && matches(entry, entriesFor(caller)) ? toEvent(entry) : null;
      }
      case 'Operation':
        return found(await loaders.operation.load(key), toOperation);
      case 'Backup':
        return found(await loaders.backup.load(key), toBackup);
      case 'AccessToken':
        return mayAdministerTokens(caller) ? found(await readToken(services.commands.database, key), toToken) : null;
      default:
        return null;
    }
  }

  @Query(() => Limits, { description: 'What this gateway lets one document ask for.' })
  limits(@Ctx() { services }: RequestContext): Limits {
    const { pageSize, depth, aliases, tokens, cost } = services.limits;
    return { pageSize, depth, aliases, tokens, cost };
  }

  @Query(() => Viewer, { description: 'Who you are to the gateway.' })
  viewer(@Ctx() { caller }: RequestContext): Viewer {
    return { name: caller.name, role: caller.role, hosts: caller.hosts === null ? null : caller.hosts.map(({ name }) => name) };
  }
}
