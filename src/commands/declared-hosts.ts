import { isDeepStrictEqual } from 'node:util';
import type { HostSetting, Settings } from '../config.js';
import { findHost, addHost, changeHost, listHosts, newHostId, writeDeclaredIn, type Host, type HostChange } from '../inventory/hosts.js';
import { Problem } from '../problems.js';
import { openCredentials, sealCredentials } from '../sync/host-credentials.js';
import type { CommandContext } from './context.js';

/** Whom the journal names for what the settings do. */
const ACTOR = 'settings';

type DeclarationContext = Pick<CommandContext, 'database' | 'sealer' | 'log' | 'committed'>;

/**
 * Brings hosts in step with the settings. Those that a file declares are added and changed as it says, whoever added them; one that
 * it declares no more is not watched any more, and keeps its inventory and all that users have noted, for removeHost to forget.
 * Those of STOWAGE_HOSTS are added when no host of that name is known. Others are left alone.
 */
export async function applyHostSettings(context: DeclarationContext, { hosts, hostsFile }: Pick<Settings, 'hosts' | 'hostsFile'>): Promise<void> {
  const known = await listHosts(context.database);
  const declared = known.filter(({ declaredIn }) => declaredIn !== null);
  if (hosts === undefined || hostsFile === undefined) {
    if (declared.length > 0) {
      context.log.warn({ hosts: declared.map(({ name }) => name) }, 'hosts that a file declared are left as they are: these settings declare none');
      await writeDeclaredIn(
        context.database,
        declared.map(({ id }) => id),
        null,
      );
    }
    for (const host of hosts ?? []) await addIfUnknown(context, host);
    return;
  }
  for (const host of hosts) await keepAsDeclared(context, host, hostsFile);
  for (const { id, name, enabled } of declared) {
    if (hosts.some((host) => host.name === name)) continue;
    context.log.warn({ host: name, file: hostsFile }, 'this host is declared no more, and not watched any more');
    if (enabled) await changeHost(context.database, id, { enabled: false, declaredIn: null }, ACTOR);
    else await writeDeclaredIn(context.database, [id], null);
  }
  context.committed();
}

async function addIfUnknown(context: DeclarationContext, setting: HostSetting): Promise<void> {
  const known = await findHost(context.database, setting.name);
  if (known === undefined) {
    await add(context, setting, null);
    return;
  }
  if (known.endpoint === setting.endpoint) return;
  context.log.warn(
    { host: setting.name, known: known.endpoint, setting: setting.endpoint },
    'this host is known with another endpoint, which stays; change it with updateHost',
  );
}

async function keepAsDeclared(context: DeclarationContext, setting: HostSetting, file: string): Promise<void> {
  const known = (await findHost(context.database, setting.name)) ?? (await add(context, setting, file));
  if (known === undefined) return keepAsDeclared(context, setting, file);
  const change = changeTo(context, known, setting);
  if (Object.keys(change).length === 0) {
    if (known.declaredIn !== file) await writeDeclaredIn(context.database, [known.id], file);
    return;
  }
  context.log.info({ host: known.name, changed: Object.keys(change), file }, 'a host is brought in step with the settings');
  await changeHost(context.database, known.id, { ...change, declaredIn: file }, ACTOR);
}

/** undefined: another gateway that starts with the same settings was faster. */
async function add({ database, sealer }: DeclarationContext, setting: HostSetting, declaredIn: string | null): Promise<Host | undefined> {
  const { name, endpoint, labels, enabled, credentials } = setting;
  const id = newHostId();
  try {
    return await addHost(database, { id, name, endpoint, labels, enabled, declaredIn, credentials: sealCredentials(sealer, credentials, id) }, ACTOR);
  } catch (error) {
    if (error instanceof Problem && error.code === 'CONFLICT') return undefined;
    throw error;
  }
}

function changeTo({ sealer }: DeclarationContext, known: Host, { endpoint, labels, enabled, credentials }: HostSetting): HostChange {
  return {
    // Another endpoint is declared with whatever ssh server answers there.
    ...(known.endpoint === endpoint ? {} : { endpoint, sshHostKey: null }),
    ...(isDeepStrictEqual(known.labels, { ...labels }) ? {} : { labels }),
    ...(known.enabled === enabled ? {} : { enabled }),
    ...(hasKeys(known, credentials) ? {} : { credentials: sealCredentials(sealer, credentials, known.id) }),
  };

  function hasKeys(host: Host, keys: HostSetting['credentials']): boolean {
    try {
      return isDeepStrictEqual(openCredentials(sealer, host), keys);
    } catch (error) {
      // Sealed with a key that is not known any more: what the file has can be sealed anew.
      if (error instanceof Problem) return false;
      throw error;
    }
  }
}
