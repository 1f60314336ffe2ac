import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { answersPing, dockerCli, emptyEngine, engineClient, freePort, pollUntil } from './engine-client.js';
import { findProgram } from './engine-programs.js';
import { IMAGE, VOLUME_IMAGE, type EngineOptions, type TestEngine } from './test-engine.js';
import { ENGINE_PREFIX, makeTestFolder, ownerMark, ownerState } from './test-folder.js';
import { dismantle } from './traces.js';

// Engines for those who are not root: each a privileged container of Docker's own image on the engine at hand.

const DIND_IMAGE = 'docker:dind';
/** Marks the containers; its value is the host name and the owner's mark, so that a later run knows which are stale. */
const OWNER_LABEL = 'stowage.test.owner';
const NAME_LABEL = 'stowage.test.name';
const FOLDER_LABEL = 'stowage.test.folder';
const INNER_PORT = '2375/tcp';
/** Milliseconds until an engine in a container must answer. */
const START_TIMEOUT_MS = 120_000;
/** Milliseconds for the first contact with the engine at hand. */
const CONTACT_TIMEOUT_MS = 5_000;
/** Makes both test images out of the busybox that the image brings, with the command line in it: no other image is pulled. */
const MAKE_IMAGES = `set -e
mkdir -p /tmp/root/bin /tmp/root/etc /tmp/root/lib /tmp/root/tmp /tmp/root/root
chmod 1777 /tmp/root/tmp
cp "$(readlink -f /bin/busybox)" /tmp/root/bin/busybox
cp -L /lib/ld-musl-*.so.1 /tmp/root/lib/
for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "/tmp/root/bin/$applet"; done
grep -E '^(root|nobody):' /etc/passwd > /tmp/root/etc/passwd
grep -E '^(root|nobody|nogroup):' /etc/group > /tmp/root/etc/group
tar -C /tmp/root -cf /tmp/root.tar .
export DOCKER_HOST=unix:///var/run/docker.sock
docker import /tmp/root.tar ${IMAGE}
docker import --change 'VOLUME /data' /tmp/root.tar ${VOLUME_IMAGE}`;

/** The engine that DOCKER_HOST names, else the one at the default socket. */
async function engineAtHand(): Promise<Docker> {
  const docker = new Docker();
  const silence = delay(CONTACT_TIMEOUT_MS, new Error('no answer'), { ref: false });
  const answer: unknown = await Promise.race([docker.ping() as Promise<unknown>, silence]).catch((error: unknown) => error);
  if (!(answer instanceof Error)) return docker;
  throw new Error(
    'The tests need real Docker engines. Install Docker and start it (its socket at /var/run/docker.sock, or DOCKER_HOST set), ' +
      `or run the tests as root on Debian with docker.io and busybox-static installed. What was tried: ${answer.message}`,
  );
}

/**
 * Starts an engine in a container and waits until it answers.
 * @throws {Error} when no engine is at hand, the image cannot be had, or TLS is asked for.
 */
export async function startContainerEngine(options: EngineOptions): Promise<TestEngine> {
  if (options.tls !== undefined) throw new Error('Engines with TLS run as processes only: run this test as root on Linux.');
  const docker = await engineAtHand();
  await pullWhenMissing(docker);
  const folder = await makeTestFolder(options.name, ENGINE_PREFIX);
  await mkdir(path.join(folder, 'home'));
  const port = await freePort();
  let container: Docker.Container | undefined;
  try {
    container = await docker.createContainer({
      name: `${ENGINE_PREFIX}${options.name}-${randomBytes(4).toString('hex')}`,
      Image: DIND_IMAGE,
      Env: ['DOCKER_TLS_CERTDIR='],
      Cmd: ['dockerd', '--host=unix:///var/run/docker.sock', '--host=tcp://0.0.0.0:2375', '--tls=false', ...(options.extraFlags ?? [])],
      Labels: { [OWNER_LABEL]: `${os.hostname()} ${ownerMark(process.pid)}`, [NAME_LABEL]: options.name, [FOLDER_LABEL]: folder },
      ExposedPorts: { [INNER_PORT]: {} },
      HostConfig: { Privileged: true, PortBindings: { [INNER_PORT]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
    });
    await relay(path.join(folder, 'docker.sock'), port);
    const engine = new ContainerEngine(container, { name: options.name, folder, port, tcp: options.tcp === true });
    await engine.start();
    await engine.makeImages();
    return engine;
  } catch (error) {
    await container?.remove({ force: true, v: true });
    await dismantle(folder);
    throw error;
  }
}

/** Containers of this run, as lines for people; none when no engine is at hand. */
export async function findContainerLeftovers(): Promise<string[]> {
  const found = await engineContainers();
  return found.filter(({ owner }) => owner !== 'other').map(({ name }) => `container ${name}`);
}

/** Removes containers of runs that are over. */
export async function sweepStaleContainers(): Promise<void> {
  const found = await engineContainers();
  await Promise.all(found.filter(({ owner }) => owner === 'dead').map(({ container }) => container.remove({ force: true, v: true })));
}

async function engineContainers(): Promise<{ container: Docker.Container; name: string; owner: ReturnType<typeof ownerState> }[]> {
  const docker = await engineAtHand().catch(() => undefined);
  if (docker === undefined) return [];
  const listed = await docker.listContainers({ all: true, filters: { label: [OWNER_LABEL] } });
  return listed.map(({ Id, Names, Labels }) => {
    const [host, ...mark] = (Labels[OWNER_LABEL] ?? '').split(' ');
    return { container: docker.getContainer(Id), name: Names[0] ?? Id, owner: host === os.hostname() ? ownerState(mark.join(' ')) : 'other' };
  });
}

async function pullWhenMissing(docker: Docker): Promise<void> {
  const present = await docker
    .getImage(DIND_IMAGE)
    .inspect()
    .then(() => true)
    .catch(() => false);
  if (present) return;
  const progress = await docker.pull(DIND_IMAGE).catch((error: unknown) => {
    throw new Error(`The image ${DIND_IMAGE} is neither on the Docker engine nor can it be pulled: ${String(error)}`, { cause: error });
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** A Unix socket before the published port, so that tests find `unix://` endpoints on either kind of engine. */
function relay(socketPath: string, port: number): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.pipe(engine).pipe(client);
    client.on('error', () => engine.destroy());
    client.on('close', () => engine.destroy());
    engine.on('error', () => client.destroy());
    engine.on('close', () => client.destroy());
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
}

class ContainerEngine implements TestEngine {
  readonly name: string;
  readonly socketPath: string;
  readonly endpoint: string;
  readonly tcpEndpoint?: string;
  readonly dataRoot = '/var/lib/docker';
  readonly docker: Docker;
  private readonly home: string;

  constructor(
    private readonly container: Docker.Container,
    private readonly place: { readonly name: string; readonly folder: string; readonly port: number; readonly tcp: boolean },
  ) {
    this.name = place.name;
    this.socketPath = path.join(place.folder, 'docker.sock');
    this.endpoint = `unix://${this.socketPath}`;
    if (place.tcp) this.tcpEndpoint = `tcp://127.0.0.1:${String(place.port)}`;
    this.docker = engineClient(this.socketPath);
    this.home = path.join(place.folder, 'home');
  }

  cli(...args: string[]): Promise<string> {
    const program = findProgram('docker');
    if (program === undefined) throw new Error('The docker command line is missing: install it (on Debian: docker.io or docker-cli).');
    return dockerCli(program, this.endpoint, this.home, args);
  }

  async start(): Promise<void> {
    if ((await this.state()).Running) return;
    await this.container.start();
    await pollUntil(
      () => answersPing(this.socketPath),
      START_TIMEOUT_MS,
      `engine ${this.name} answers`,
      () => undefined,
    );
  }

  async kill(): Promise<void> {
    await this.resume(); // An engine refuses to kill a paused container on some versions.
    await this.container.kill({ signal: 'SIGKILL' });
    await this.container.wait();
  }

  async shutdown(): Promise<void> {
    await this.resume();
    await this.container.stop({ t: 30 });
  }

  async pause(): Promise<void> {
    await this.container.pause();
  }

  async resume(): Promise<void> {
    if ((await this.state()).Paused) await this.container.unpause();
  }

  async reset(): Promise<void> {
    await this.resume();
    await this.start();
    await emptyEngine(this.docker);
  }

  async stop(): Promise<void> {
    await this.container.remove({ force: true, v: true });
    await dismantle(this.place.folder);
  }

  /** @throws {Error} with what the shell printed. */
  async makeImages(): Promise<void> {
    const exec = await this.container.exec({ Cmd: ['sh', '-c', MAKE_IMAGES], AttachStdout: true, AttachStderr: true, Tty: true });
    let printed = '';
    for await (const chunk of await exec.start({ Tty: true })) printed += String(chunk);
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) throw new Error(`The test images were not made in engine ${this.name}: ${printed}`);
  }

  private async state(): Promise<Docker.ContainerInspectInfo['State']> {
    return (await this.container.inspect()).State;
  }
}
