import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import pLimit from 'p-limit';

const run = promisify(execFile);

/** Milliseconds for one call of the docker command line. */
const CLI_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Removals under way at once in {@link emptyEngine}. */
const PARALLEL_REMOVALS = 16;
const POLL_MS = 20;
/** Milliseconds for one `/_ping`; a paused engine takes the connection and never answers. */
const PING_TIMEOUT_MS = 1_000;
/** Below the ports that Linux gives to outgoing connections, so that none of these takes it while an engine is down. */
const PORTS = { first: 20_000, count: 10_000 };

/** A client of the engine behind the socket. `host: undefined` keeps DOCKER_HOST out. */
export function engineClient(socketPath: string): Docker {
  return new Docker({ socketPath, host: undefined });
}

/**
 * Runs the docker command line with a home of its own, so that contexts and credentials of the user play no part.
 * @throws {Error} with its error output.
 */
export async function dockerCli(program: string, endpoint: string, home: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: home, DOCKER_CONFIG: home };
  try {
    const { stdout } = await run(program, ['-H', endpoint, ...args], { env, timeout: CLI_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
    return stdout;
  } catch (error) {
    const { stderr, killed, message } = error as Error & { stderr?: string; killed?: boolean };
    const reason = killed === true ? `no end within ${String(CLI_TIMEOUT_MS)} ms` : (stderr ?? '').trim() || message;
    throw new Error(`docker ${args.join(' ')}: ${reason}`, { cause: error });
  }
}

/** Whether the engine answers `/_ping` with 200. */
export function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/_ping', timeout: PING_TIMEOUT_MS, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(false);
    });
  });
}

/**
 * Polls until `ready` says true.
 * @param failed a reason to give up early, such as a process that has ended.
 * @throws {Error} with that reason, or after `timeoutMs` that `what` did not come about.
 */
export async function pollUntil(ready: () => Promise<boolean>, timeoutMs: number, what: string, failed: () => string | undefined): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!(await ready())) {
    const reason = failed() ?? (performance.now() > until ? `${what}: not within ${String(timeoutMs)} ms` : undefined);
    if (reason !== undefined) throw new Error(reason);
    await delay(POLL_MS);
  }
}

/** A TCP port of 127.0.0.1 at which nobody listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await canListen(port)) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

/**
 * Removes all containers with their anonymous volumes, then all volumes, until the lists are empty.
 * @throws the engine's refusal when something cannot be removed in three rounds.
 */
export async function emptyEngine(docker: Docker): Promise<void> {
  const limit = pLimit(PARALLEL_REMOVALS);
  let refusal: unknown;
  const tolerate = async (removal: Promise<unknown>): Promise<void> => {
    await removal.catch((error: unknown) => {
      // 404: gone already, for instance with its container. Anything else may pass by the next round.
      if ((error as { statusCode?: number }).statusCode !== 404) refusal = error;
    });
  };
  for (let round = 0; round < 3; round++) {
    refusal = undefined;
    const containers = await docker.listContainers({ all: true });
    await Promise.all(containers.map(({ Id }) => limit(() => tolerate(docker.getContainer(Id).remove({ force: true, v: true })))));
    const { Volumes } = await docker.listVolumes();
    await Promise.all(Volumes.map(({ Name }) => limit(() => tolerate(docker.getVolume(Name).remove({ force: true })))));
    if (refusal === undefined) return;
  }
  throw refusal;
}
