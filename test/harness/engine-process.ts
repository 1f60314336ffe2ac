import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statfsSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { answersPing, dockerCli, emptyEngine, engineClient, freePort, pollUntil } from './engine-client.js';
import { importImages } from './engine-image.js';
import { enginePrograms, type EnginePrograms } from './engine-programs.js';
import type { EngineOptions, TestEngine, TlsFiles } from './test-engine.js';
import { ENGINE_PREFIX, makeTestFolder } from './test-folder.js';
import { clearTraces, dismantle, hasEnded, kill, processesWith } from './traces.js';

/** Milliseconds until an engine must answer; 1 to 2 seconds are usual. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds for an orderly end: dockerd gives containers 15 seconds and itself some more. */
const SHUTDOWN_TIMEOUT_MS = 30_000;
/** The kernel's limit for socket paths, less the longest that dockerd appends to the folder: `/exec/libnetwork/ID.sock`. */
const MAX_FOLDER_BYTES = 107 - 40;
/** Times that another port is tried when a foreign program takes the free one first. */
const PORT_ATTEMPTS = 3;
/** Where containers of tests look for an engine, and this machine's own one would have its socket. */
const DEFAULT_SOCKET = '/var/run/docker.sock';
const OVERLAYFS = 0x794c7630;
/** Since this version an engine's id lies in its data; before, it came from one key file of the machine. */
const ID_IN_DATA_SINCE = 24;
const SHOWN_LOG_CHARACTERS = 2_000;

const run = promisify(execFile);

/** What stays the same from one start of an engine to the next. */
interface EngineRecord {
  readonly name: string;
  readonly tcpPort?: number;
  readonly tls?: TlsFiles;
  readonly extraFlags: readonly string[];
}

/**
 * Starts a dockerd with a containerd of its own: with the machine's containerd two engines would share their containers.
 * @throws {Error} with the end of the log when it does not come up; nothing is left then.
 */
export async function startProcessEngine(options: EngineOptions): Promise<TestEngine> {
  const programs = await enginePrograms();
  for (let attempt = 1; ; attempt++) {
    const folder = await makeTestFolder(options.name, ENGINE_PREFIX);
    try {
      return await startIn(folder, options, programs);
    } catch (error) {
      await dismantle(folder);
      const portTaken = error instanceof Error && error.message.includes('address already in use');
      if (!portTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startIn(folder: string, options: EngineOptions, programs: EnginePrograms): Promise<TestEngine> {
  if (Buffer.byteLength(folder) > MAX_FOLDER_BYTES) {
    throw new Error(`${folder} is too long for the sockets in it (${String(MAX_FOLDER_BYTES)} bytes at most): set TMPDIR to a short path.`);
  }
  const record: EngineRecord = {
    name: options.name,
    ...(options.tcp === true || options.tls !== undefined ? { tcpPort: await freePort() } : {}),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    extraFlags: options.extraFlags ?? [],
  };
  await mkdir(path.join(folder, 'home'));
  await writeSettings(folder, programs);
  const engine = new ProcessEngine(folder, record, programs);
  await engine.start();
  await importImages(engine.docker, programs.busybox);
  return engine;
}

/** Settings of its own keep those in /etc/docker and /etc/containerd out. */
async function writeSettings(folder: string, programs: EnginePrograms): Promise<void> {
  const { stdout } = await run(programs.dockerd, ['--version']);
  const major = Number(/version (\d+)/.exec(stdout)?.[1] ?? 0);
  // Without it all engines of a machine have the same id, from a key that the first of them writes to /etc/docker.
  const settings = major < ID_IN_DATA_SINCE ? { 'deprecated-key-path': path.join(folder, 'key.json') } : {};
  await writeFile(path.join(folder, 'daemon.json'), JSON.stringify(settings));
  const containerd = [
    'version = 2',
    `root = ${JSON.stringify(path.join(folder, 'containerd'))}`,
    `state = ${JSON.stringify(path.join(folder, 'exec/containerd'))}`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `address = ${JSON.stringify(path.join(folder, 'containerd.sock'))}`,
  ];
  await writeFile(path.join(folder, 'containerd.toml'), `${containerd.join('\n')}\n`);
}

class ProcessEngine implements TestEngine {
  readonly name: string;
  readonly socketPath: string;
  readonly endpoint: string;
  readonly tcpEndpoint?: string;
  readonly dataRoot: string;
  readonly docker: Docker;

  constructor(
    private readonly folder: string,
    private readonly record: EngineRecord,
    private readonly programs: EnginePrograms,
  ) {
    this.name = record.name;
    this.socketPath = this.file('docker.sock');
    this.endpoint = `unix://${this.socketPath}`;
    if (record.tcpPort !== undefined) this.tcpEndpoint = `tcp://127.0.0.1:${String(record.tcpPort)}`;
    this.dataRoot = this.file('data');
    this.docker = engineClient(this.socketPath);
  }

  cli(...args: string[]): Promise<string> {
    return dockerCli(this.programs.docker, this.endpoint, this.file('home'), args);
  }

  async start(): Promise<void> {
    if (this.daemon() !== undefined) return;
    await clearTraces(this.folder);
    for (const name of ['exec', 'dockerd.pid', 'docker.sock', 'containerd.sock', 'containerd.sock.ttrpc']) {
      await rm(this.file(name), { recursive: true, force: true });
    }
    const containerd = this.spawn(this.programs.containerd, ['--config', this.file('containerd.toml')]);
    await this.comesUp('containerd', containerd, () => accepts(this.file('containerd.sock')));
    const dockerd = this.spawn(this.programs.dockerd, this.flags());
    await this.comesUp('dockerd', dockerd, () => answersPing(this.socketPath));
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL', SHUTDOWN_TIMEOUT_MS);
  }

  async shutdown(): Promise<void> {
    await this.resume();
    await this.end('SIGTERM', SHUTDOWN_TIMEOUT_MS);
  }

  pause(): Promise<void> {
    kill(this.mustRun(), 'SIGSTOP');
    return Promise.resolve();
  }

  resume(): Promise<void> {
    const pid = this.daemon();
    if (pid !== undefined) kill(pid, 'SIGCONT');
    return Promise.resolve();
  }

  async reset(): Promise<void> {
    await this.resume();
    await this.start();
    await emptyEngine(this.docker);
  }

  async stop(): Promise<void> {
    await dismantle(this.folder);
    // An engine makes a directory of this socket for a container that is to mount it. A socket, or a directory in use, stays.
    await rmdir(DEFAULT_SOCKET).catch(() => undefined);
  }

  private file(name: string): string {
    return path.join(this.folder, name);
  }

  private flags(): string[] {
    const { tcpPort, tls, extraFlags } = this.record;
    return [
      `--config-file=${this.file('daemon.json')}`,
      `--data-root=${this.dataRoot}`,
      `--exec-root=${this.file('exec')}`,
      `--pidfile=${this.file('dockerd.pid')}`,
      `--containerd=${this.file('containerd.sock')}`,
      `--host=${this.endpoint}`,
      ...(tcpPort === undefined ? [] : [`--host=tcp://127.0.0.1:${String(tcpPort)}`]),
      ...(tls === undefined ? ['--tls=false'] : ['--tlsverify', `--tlscacert=${tls.ca}`, `--tlscert=${tls.cert}`, `--tlskey=${tls.key}`]),
      // Containers' processes are told from all others by this control group.
      `--cgroup-parent=/${path.basename(this.folder)}`,
      '--exec-opt=native.cgroupdriver=cgroupfs',
      // Overlays do not stack: in a container whose own files are one, only plain copies work.
      `--storage-driver=${statfsSync(this.folder).type === OVERLAYFS ? 'vfs' : 'overlay2'}`,
      // Nothing of the machine's network is touched.
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--ip-forward=false',
      '--ip-masq=false',
      ...extraFlags,
    ];
  }

  private spawn(program: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.file(`${path.basename(program)}.log`), 'a');
    const env = { PATH: this.programs.searchPath, HOME: this.file('home') };
    const child = spawn(program, args, { stdio: ['ignore', log, log], env, cwd: this.folder });
    child.on('error', () => undefined); // Shows as an end before readiness, with the log.
    child.unref();
    closeSync(log);
    return child;
  }

  private async comesUp(program: string, child: ChildProcess, ready: () => Promise<boolean>): Promise<void> {
    const what = `${program} of engine ${this.name} answers`;
    const ended = (): string | undefined =>
      child.pid === undefined || hasEnded(child.pid) ? `${program} of engine ${this.name} ended before it answered` : undefined;
    try {
      await pollUntil(ready, START_TIMEOUT_MS, what, ended);
    } catch (error) {
      throw new Error(`${(error as Error).message}. Its log ends with:\n${this.logEnd(program)}`, { cause: error });
    }
  }

  private logEnd(program: string): string {
    return readFileSync(this.file(`${program}.log`), 'utf8').slice(-SHOWN_LOG_CHARACTERS);
  }

  /** The running dockerd: it alone has the pid file among its arguments. */
  private daemon(): number | undefined {
    return processesWith(`--pidfile=${this.file('dockerd.pid')}`)[0]?.pid;
  }

  private mustRun(): number {
    const pid = this.daemon();
    if (pid === undefined) throw new Error(`Engine ${this.name} does not run.`);
    return pid;
  }

  private async end(signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
    const pid = this.mustRun();
    kill(pid, signal);
    await pollUntil(
      () => Promise.resolve(hasEnded(pid)),
      timeoutMs,
      `dockerd of engine ${this.name} ends`,
      () => undefined,
    );
  }
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('error', () => {
      resolve(false);
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
