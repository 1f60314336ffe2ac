import { rm } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { applyMigrations } from '../../src/database/migrations.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { silent } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

/** Milliseconds for a gateway to start again, while its database may still be coming back. */
const START_AGAIN_LIMIT_MS = 60_000;

/** A PostgreSQL that can be restarted, and a link to it that can be broken. */
export class BreakableDatabase {
  private constructor(
    private readonly folder: string,
    private server: EmbeddedPostgres,
    readonly link: FaultProxy,
  ) {}

  static async start(): Promise<BreakableDatabase> {
    const folder = await makeTestFolder('fault-database');
    const server = await startEmbeddedPostgres(path.join(folder, 'data'), silent);
    await applyMigrations(server.url, silent);
    return new BreakableDatabase(folder, server, await startFaultProxy({ target: address(server.url) }));
  }

  /** The way that gateways take. */
  get url(): string {
    const url = new URL(this.server.url);
    url.port = String(this.link.port);
    return url.href;
  }

  /** The way past the link. */
  get directUrl(): string {
    return this.server.url;
  }

  /** Ends it, in order or as a crash does. */
  async end(how: 'stop' | 'kill'): Promise<void> {
    if (how === 'kill') process.kill(Number((await readFile(path.join(this.folder, 'data/postgres/postmaster.pid'), 'utf8')).split('\n')[0]), 'SIGKILL');
    await this.server.stop();
  }

  async startAgain(): Promise<void> {
    this.server = await startEmbeddedPostgres(path.join(this.folder, 'data'), silent);
    this.link.retarget(address(this.server.url));
  }

  async stop(): Promise<void> {
    await this.link.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An engine behind a link that can be broken. */
export interface LinkedEngine {
  readonly engine: TestEngine;
  readonly link: FaultProxy;
}

/** A gateway that can be ended and started again with the same data. */
export class BreakableGateway {
  private running: TestGateway | undefined;

  constructor(
    readonly name: string,
    private readonly dataDir: string,
    private readonly hosts: Record<string, string>,
    private readonly databaseUrl: () => string,
  ) {}

  /** @throws {Error} when it does not run. */
  get gateway(): TestGateway {
    if (this.running === undefined) throw new Error(`${this.name} does not run`);
    return this.running;
  }

  get url(): string | undefined {
    return this.running?.url;
  }

  async start(): Promise<void> {
    this.running = await eventually(
      () => startGateway({ dataDir: this.dataDir, hosts: this.hosts, environment: { DATABASE_URL: this.databaseUrl(), STOWAGE_LOG_LEVEL: 'warn' } }),
      { what: `${this.name} starts`, timeoutMs: START_AGAIN_LIMIT_MS, intervalMs: 200 },
    );
  }

  async end(how: 'stop' | 'kill'): Promise<void> {
    const gateway = this.running;
    this.running = undefined;
    gateway?.process.kill('SIGCONT');
    await (how === 'kill' ? gateway?.kill() : gateway?.stop());
  }
}

/** Three engines, two gateways, one PostgreSQL, and what can break between them. */
export interface FaultStand {
  readonly engines: readonly LinkedEngine[];
  readonly gateways: readonly BreakableGateway[];
  readonly database: BreakableDatabase;
  stop(): Promise<void>;
}

export async function startFaultStand(): Promise<FaultStand> {
  const folder = await makeTestFolder('fault-gateways');
  const [database, ...engines] = await Promise.all([
    BreakableDatabase.start(),
    ...['alpha', 'beta', 'gamma'].map(async (name): Promise<LinkedEngine> => {
      const engine = await startEngine({ name });
      return { engine, link: await startFaultProxy({ target: engine.socketPath }) };
    }),
  ]);
  const hosts = Object.fromEntries(engines.map(({ engine, link }) => [engine.name, link.endpoint]));
  const gateways = ['first', 'second'].map((name) => new BreakableGateway(name, path.join(folder, name), hosts, () => database.url));
  for (const gateway of gateways) await gateway.start();
  return {
    engines,
    gateways,
    database,
    async stop() {
      await Promise.all(gateways.map((gateway) => gateway.end('stop')));
      await Promise.all(engines.map(({ link }) => link.close()));
      await Promise.all(engines.map(({ engine }) => engine.stop()));
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function address(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
