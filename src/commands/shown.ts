import type { HostLink } from '../sync/fleet.js';
import type { Claim } from '../sync/pending-objects.js';
import type { CommandContext } from './context.js';

/**
 * Has objects looked at that were changed on an engine, so that the answer shows what was done. The engine has said yes by
 * then: a look that fails is no failure of the change, and the next one at that host shows it.
 * @returns whether the inventory shows it now.
 */
export async function showChanged(context: CommandContext, sync: HostLink, changed: readonly Claim[]): Promise<boolean> {
  const looks = await Promise.allSettled(changed.map(({ kind, key, actor }) => sync.look(kind, key, actor)));
  const failed = looks.find((look) => look.status === 'rejected');
  if (failed !== undefined) context.log.info({ err: failed.reason as unknown }, 'what was changed on an engine shows with the next look at it');
  return failed === undefined;
}
