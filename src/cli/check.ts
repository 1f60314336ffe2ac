import { identityToRecipient } from 'age-encryption';
import { readSettings, SettingsError, type Settings } from '../config.js';
import { KnownDocuments } from '../graphql/known-documents.js';
import { Problem } from '../problems.js';
import { readTlsPair } from '../server/listener.js';
import type { Output } from './output.js';

/** Says whether a gateway would start with these settings, and what it would do, without starting it. @throws {SettingsError} */
export async function check(environment: NodeJS.ProcessEnv, configFile: string | undefined, output: Output): Promise<void> {
  const settings = readSettings(environment, configFile);
  await requireUsable(settings);
  const database = settings.databaseUrl === undefined ? undefined : new URL(settings.databaseUrl);
  const told = {
    file: settings.configFile ?? null,
    database: database === undefined ? null : `${database.host}${database.pathname}`,
    dataDir: settings.dataDir,
    address: `${settings.web.tls === undefined ? 'http' : 'https'}://${settings.bind}:${String(settings.port)}`,
    hosts: settings.hosts?.map(({ name, endpoint }) => ({ name, endpoint })) ?? null,
    hostsDeclared: settings.hostsFile !== undefined,
    warnings: settings.warnings,
  };
  const names = told.hosts?.map(({ name }) => name).join(', ') ?? 'those that are known, else the local engine';
  const lines = [
    'The settings are right.',
    `File:      ${told.file ?? 'none'}`,
    `Database:  ${told.database ?? `its own, in ${told.dataDir}`}`,
    `Listens:   ${told.address}`,
    `Hosts:     ${names === '' ? 'none' : names}${told.hosts !== null && !told.hostsDeclared ? ' (added when they are not known)' : ''}`,
    ...told.warnings.map((warning) => `Warning:   ${warning}`),
  ];
  output.result({ ok: true, ...told }, lines.join('\n'));
}

/** What only trying tells of settings: that files hold what they should, and that a key is one. @throws {SettingsError} */
export async function requireUsable({ documentsFile, web, backupKey }: Settings): Promise<void> {
  const tried = await Promise.allSettled([
    documentsFile === undefined ? undefined : KnownDocuments.read(documentsFile),
    web.tls === undefined ? undefined : readTlsPair(web.tls),
    backupKey === undefined ? undefined : requireIdentity(backupKey),
  ]);
  const faults = tried.flatMap((each) => {
    if (each.status === 'fulfilled') return [];
    const error = each.reason as Error;
    if (!(error instanceof Problem)) throw error;
    return [error.message];
  });
  if (faults.length > 0) throw new SettingsError(faults);
}

/** Its last characters are a checksum, which tells of a key that was copied in part. */
async function requireIdentity(backupKey: string): Promise<void> {
  await identityToRecipient(backupKey).catch((error: unknown) => {
    throw new Problem('BAD_USER_INPUT', 'STOWAGE_BACKUP_KEY: is no identity of age: it was not copied whole, or with a mistake', { cause: error });
  });
}
