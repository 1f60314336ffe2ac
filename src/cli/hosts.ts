import { readFile } from 'node:fs/promises';
import type { StowageClient } from '../client/client.js';
import { AddHostDocument, ListHostsDocument, RemoveHostDocument } from '../client/operations.js';
import { badInput } from '../problems.js';
import { showTime, table, type Output } from './output.js';

/** A host that is to be added; keys are files. */
export interface HostOptions {
  /** `key=value` each. */
  readonly label?: readonly string[];
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly sshKey?: string;
  readonly sshPassphraseFile?: string;
}

export async function addHost(client: StowageClient, name: string, endpoint: string, options: HostOptions, output: Output): Promise<void> {
  const labels = (options.label ?? []).map((label) => {
    const [key = '', ...value] = label.split('=');
    return { key, value: value.join('=') };
  });
  const tls = await readKeys({ ca: options.tlsCa, cert: options.tlsCert, key: options.tlsKey });
  const { privateKey, passphrase } = await readKeys({ privateKey: options.sshKey, passphrase: options.sshPassphraseFile });
  const ssh = { ...(privateKey === undefined ? {} : { privateKey }), ...(passphrase === undefined ? {} : { passphrase: passphrase.replace(/\r?\n$/, '') }) };
  const { host } = (
    await client.request(AddHostDocument, {
      input: { name, endpoint, labels, ...(Object.keys(tls).length === 0 ? {} : { tls }), ...(Object.keys(ssh).length === 0 ? {} : { ssh }) },
    })
  ).addHost;
  output.result(host, host.name);
}

export async function listHosts(client: StowageClient, output: Output): Promise<void> {
  const { hosts } = await client.request(ListHostsDocument, {});
  const rows = hosts.map((host) => [
    host.name,
    host.endpoint,
    host.status,
    host.engine?.version ?? '-',
    String(host.stats.volumes),
    String(host.stats.containers),
    showTime(host.lastSyncedAt),
    host.declaredIn ?? '-',
  ]);
  output.result(hosts, table(['NAME', 'ENDPOINT', 'STATUS', 'ENGINE', 'VOLUMES', 'CONTAINERS', 'SYNCED', 'DECLARED IN'], rows));
}

export async function removeHost(client: StowageClient, name: string, output: Output): Promise<void> {
  const { removed } = (await client.request(RemoveHostDocument, { input: { name } })).removeHost;
  output.result({ name, removed }, name);
}

/** What the files hold. @throws {Problem} BAD_USER_INPUT for one that cannot be read. */
async function readKeys<Name extends string>(files: Record<Name, string | undefined>): Promise<{ [Key in Name]?: string }> {
  const read: { [Key in Name]?: string } = {};
  for (const [name, file] of Object.entries(files) as [Name, string | undefined][]) {
    if (file === undefined) continue;
    read[name] = await readFile(file, 'utf8').catch((error: unknown) => {
      throw badInput(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`);
    });
  }
  return read;
}
