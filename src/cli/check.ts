import { readSettings } from '../config.js';
import { KnownDocuments } from '../graphql/known-documents.js';
import { readTlsPair } from '../server/listener.js';
import type { Output } from './output.js';

/** Says whether a gateway would start with these settings, and what it would do, without starting it. @throws {SettingsError, Problem} */
export async function check(environment: NodeJS.ProcessEnv, configFile: string | undefined, output: Output): Promise<void> {
  const settings = readSettings(environment, configFile);
  if (settings.documentsFile !== undefined) await KnownDocuments.read(settings.documentsFile);
  if (settings.web.tls !== undefined) await readTlsPair(settings.web.tls);
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
