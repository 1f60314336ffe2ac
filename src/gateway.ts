import { access, constants, mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Audit } from './access/audit.js';
import { openToAll, TokenAuthenticator } from './access/authenticator.js';
import { JwtVerifier } from './access/jwt.js';
import { makeFirstToken } from './access/tokens.js';
import type { CommandContext } from './commands/context.js';
import { applyHostSettings } from './commands/declared-hosts.js';
import type { Settings } from './config.js';
import { closeDatabase, openDatabase, type Database } from './database/client.js';
import { ControlConnection } from './database/control-connection.js';
import { SealingKeyWatch } from './database/sealing-keys.js';
import { startEmbeddedPostgres } from './database/embedded-postgres.js';
import { readInstallation } from './database/installation.js';
import { applyMigrations } from './database/migrations.js';
import { AddressGuard } from './engine/address-guard.js';
import { discoverEngine } from './engine/discover.js';
import { formatEndpoint, parseEndpoint } from './engine/endpoint.js';
import { listHosts } from './inventory/hosts.js';
import { KnownDocuments } from './graphql/known-documents.js';
import { JournalFeed } from './journal/feed.js';
import { JournalTrimmer } from './journal/trim.js';
import type { OperationContext } from './operations/context.js';
import { DirectoryReads } from './operations/browse.js';
import { DeclaredPolicies, type PolicyDeclaration } from './operations/declared-policies.js';
import { openStore } from './operations/open-store.js';
import { OperationFeed } from './operations/follow.js';
import { OperationRunner } from './operations/runner.js';
import { Pace } from './operations/transfer.js';
import { Metrics } from './metrics.js';
import { Problem } from './problems.js';
import { readOrMakeSecretKey, Sealer } from './sealing.js';
import { readDashboardDocuments } from './server/dashboard.js';
import { startServer } from './server/server.js';
import { Fleet } from './sync/fleet.js';
import { FullLooks } from './sync/full-looks.js';

/** A gateway that listens. */
export interface Gateway {
  readonly url: string;
  /** Secret of the first ADMIN token; only at the very first start without STOWAGE_ADMIN_TOKEN. */
  readonly firstSecret: string | undefined;
  /** Names of the hosts that were known or found at start. */
  readonly hosts: readonly string[];
  /** Takes hosts and backup policies up as other settings declare them; everything else needs a new start. */
  apply(settings: Settings): Promise<void>;
  /** Undoes the start, in reverse. */
  stop(): Promise<void>;
}

/** Starts everything, in order. When a step fails, what was started before it is stopped again. */
export async function startGateway(settings: Settings, environment: NodeJS.ProcessEnv, log: Logger): Promise<Gateway> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const undo of started.splice(0).reverse()) {
      await undo().catch((error: unknown) => {
        log.error({ err: error }, 'a part did not stop in order');
      });
    }
  };
  try {
    if (settings.tracing) {
      const { startTracing } = await import('./tracing-export.js');
      started.push(startTracing(environment));
    }
    const knownDocuments =
      settings.documentsFile === undefined ? undefined : (await KnownDocuments.read(settings.documentsFile)).with(await readDashboardDocuments());
    await makeDataDir(settings.dataDir);
    let databaseUrl = settings.databaseUrl;
    if (databaseUrl === undefined) {
      const postgres = await startEmbeddedPostgres(settings.dataDir, log);
      started.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    await applyMigrations(databaseUrl, log);
    const database = openDatabase(databaseUrl, { readTimeoutMs: settings.limits.statementMs });
    started.push(() => closeDatabase(database));
    const control = new ControlConnection(databaseUrl, log);
    const sealer = new Sealer(await readOrMakeSecretKey(settings.secretKey, settings.dataDir));

    const metrics = new Metrics(knownDocuments?.operationNames);
    metrics.watchProcess();
    const feed = new JournalFeed(database, control, log);
    const committed = () => {
      feed.wake();
    };
    const { engineTimeoutMs, resyncIntervalMs } = settings;
    const addresses = new AddressGuard(settings.allowedNetworks);
    const fullLooks = new FullLooks();
    const fleet = new Fleet({ database, addresses, sealer, log, resyncIntervalMs, engineTimeoutMs, fullLooks, committed }, control);
    const sealingKeys = new SealingKeyWatch(database, control, sealer, log, () => {
      fleet.retryUnreadable();
    });
    await sealingKeys.read();
    const jwt = settings.jwt === undefined ? undefined : new JwtVerifier(settings.jwt);
    const audit = new Audit(database, log, committed);
    const authenticator = settings.auth === 'none' ? openToAll : new TokenAuthenticator(database, control, settings.adminToken, jwt, audit, log);
    await control.start();
    started.push(() => control.stop());
    // What these still ask of the database when they are stopped is not waited for when it does not answer.
    const unlessAway = (end: () => Promise<void>) => async () => {
      const ending = end();
      await Promise.all([ending, control.whileUp(() => ending)]).catch((error: unknown) => {
        log.debug({ err: error }, 'what was being read when the gateway was stopped is not waited for');
      });
    };
    started.push(unlessAway(() => authenticator.stop()));
    audit.start();
    started.push(unlessAway(() => audit.stop()));
    await feed.start();
    countEvents(feed, metrics);
    started.push(unlessAway(() => feed.stop()));
    const trimmer = new JournalTrimmer(database, settings.journalRetentionMs, log);
    trimmer.start();
    started.push(unlessAway(() => trimmer.stop()));

    const declarations = { database, sealer, log, committed };
    await applyHostSettings(declarations, settings.hosts === undefined ? await findLocalHost(database, environment, log) : settings);
    await fleet.start(settings.databaseUrl === undefined);
    started.push(() => fleet.stop());

    const { allowedHostPaths, allowedRegistries, parallelHosts, hostDeadlineMs, pullDeadlineMs } = settings;
    const operations: OperationContext = {
      ...{ database, fleet, log, committed },
      ended: (kind, state) => {
        metrics.endedOperation(kind, state);
      },
      installation: await readInstallation(database),
      directoryReads: new DirectoryReads(),
      backups: openStore(settings.backups, settings.backupKey),
      perHost: settings.operationsPerHost,
      pace: settings.transferBytesPerSecond === undefined ? undefined : new Pace(settings.transferBytesPerSecond),
      measurePauseMs: settings.measurePauseMs,
      historyMs: settings.journalRetentionMs,
      engineTimeoutMs,
    };
    const runner = new OperationRunner(operations, databaseUrl);
    await runner.start();
    started.push(unlessAway(() => runner.stop()));
    const policies = new DeclaredPolicies(database, policiesOf(settings), log, committed);
    policies.start();
    started.push(unlessAway(() => policies.stop()));
    const allowedSockets = [...settings.allowedSockets, ...socketsOf(settings.hosts)];
    const commands: CommandContext = {
      ...{
        database,
        addresses,
        allowedSockets,
        fleet,
        sealer,
        log,
        engineTimeoutMs,
        parallelHosts,
        hostDeadlineMs,
        pullDeadlineMs,
        allowedHostPaths,
        allowedRegistries,
        operations,
        committed,
      },
      othersMayEnter: settings.auth === 'none' || settings.adminToken !== undefined,
    };
    const operationFeed = new OperationFeed(database, control, log);
    started.push(unlessAway(() => operationFeed.stop()));
    const server = await startServer({
      bind: settings.bind,
      port: settings.port,
      web: settings.web,
      services: {
        database,
        control,
        feed,
        audit,
        operationFeed,
        commands,
        limits: settings.limits,
        metrics,
        answerCacheBytes: settings.answerCacheBytes,
        sensitivePaths: settings.sensitivePaths,
      },
      authenticator,
      fleet,
      metricsPort: settings.metricsPort,
      knownDocuments,
      log,
    });
    started.push(() => server.stop());
    // Last: the secret of a start that fails later is never shown, and no start after it makes another.
    const firstSecret = settings.auth === 'token' && settings.adminToken === undefined ? await makeFirstToken(database) : undefined;
    committed();
    const hosts = (await listHosts(database)).map((host) => host.name);
    const apply = async (changed: Settings) => {
      await applyHostSettings(declarations, changed);
      policies.replace(policiesOf(changed));
    };
    return { url: server.url, firstSecret, hosts, apply, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function policiesOf({ backupPolicies, configFile }: Settings): PolicyDeclaration {
  return { policies: backupPolicies, file: configFile };
}

/** Has each entry of the journal counted once, as it is read. */
function countEvents(feed: JournalFeed, metrics: Metrics): void {
  let counted = feed.position;
  feed.listen(() => {
    metrics.readEntries(feed.inMemoryAfter(counted) ?? []);
    counted = feed.position;
  });
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Problem('UNAVAILABLE', `STOWAGE_DATA_DIR ${dataDir} cannot be used (${code}). Name a folder that the gateway may write to.`, { cause: error });
  }
}

/** The sockets that the settings name as hosts: one that was removed may be added again. */
function socketsOf(hosts: Settings['hosts']): string[] {
  return (hosts ?? []).flatMap(({ endpoint }) => {
    const parsed = parseEndpoint(endpoint);
    return parsed.kind === 'unix' ? [parsed.socketPath] : [];
  });
}

/** The local engine as `local`, when neither the settings nor the database know of any host. */
async function findLocalHost(database: Database, environment: NodeJS.ProcessEnv, log: Logger): Promise<Pick<Settings, 'hosts' | 'hostsFile'>> {
  const none = { hosts: undefined, hostsFile: undefined };
  if ((await listHosts(database)).length > 0) return none;
  const found = await discoverEngine(environment);
  if (found === undefined) {
    log.warn('no Docker engine was found on this machine; add hosts with the mutation addHost, in stowage.yaml or with STOWAGE_HOSTS');
    return none;
  }
  log.info({ endpoint: found.endpoint, source: found.source }, 'found the local engine');
  const endpoint = formatEndpoint(parseEndpoint(found.endpoint, found.credentials));
  return { hosts: [{ name: 'local', endpoint, labels: {}, enabled: true, credentials: found.credentials }], hostsFile: undefined };
}
