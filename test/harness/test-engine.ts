import type Docker from 'dockerode';

/** A real Docker engine that a test may fill, break and throw away. */
export interface TestEngine {
  readonly name: string;
  readonly socketPath: string;
  /** `unix://` and the socket path. */
  readonly endpoint: string;
  /** `tcp://127.0.0.1:PORT`, the same after each start; only with `tcp` or `tls` asked for. */
  readonly tcpEndpoint?: string;
  /** The engine's data; with engines in containers a path inside the container. */
  readonly dataRoot: string;
  /** A client of this engine, whatever DOCKER_HOST says. */
  readonly docker: Docker;
  /**
   * Runs the real docker command line against this engine, with no settings of the user, and gives back what it printed.
   * @throws {Error} with its error output when it fails or takes longer than a minute.
   */
  cli(...args: string[]): Promise<string>;
  /** Kills the daemon as a crash does, and nothing beside it. Its containers go on running. */
  kill(): Promise<void>;
  /** Asks the daemon to end, as `systemctl stop docker` does; its containers are stopped (10 s for one that does not listen). */
  shutdown(): Promise<void>;
  /** Starts the engine again after {@link kill} or {@link shutdown}, as after a reboot of its host. Nothing happens when it runs. */
  start(): Promise<void>;
  /** Stops the daemon in its tracks: connections stay open, and nobody answers. */
  pause(): Promise<void>;
  /** Ends {@link pause}. Nothing happens when it was not paused. */
  resume(): Promise<void>;
  /** Removes all containers and volumes; images stay. Ends a pause and starts an engine that is down. */
  reset(): Promise<void>;
  /** Ends everything and removes every trace. The engine cannot be started again. */
  stop(): Promise<void>;
}

/** Files in PEM form. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** How an engine is to be started. */
export interface EngineOptions {
  /** Lower-case letters, digits and dashes, at most 20 characters; need not be unique. */
  readonly name: string;
  /** Listen on a free port of 127.0.0.1 as well. Without TLS the engine takes a second longer to start: it waits on purpose. */
  readonly tcp?: boolean;
  /** The TCP port asks for client certificates of this CA. Implies `tcp`. Only for engines that run as processes. */
  readonly tls?: TlsFiles;
  /** Further flags of dockerd. */
  readonly extraFlags?: readonly string[];
}

/** Image in every test engine: busybox under /bin, runs as root; start containers with `--network none`. */
export const IMAGE = 'stowage-busybox:latest';
/** The same with `VOLUME /data`, so that each container gets an anonymous volume. */
export const VOLUME_IMAGE = 'stowage-busybox-volume:latest';

const NAME = /^[a-z0-9][a-z0-9-]{0,19}$/;

/** As root on Linux engines run as processes of their own (dockerd); for anyone else as containers of an engine at hand. */
export function enginesRunAs(): 'processes' | 'containers' {
  return process.platform === 'linux' && process.getuid?.() === 0 ? 'processes' : 'containers';
}

/** @throws {Error} when the name does not fit into paths, labels and container names. */
export function checkEngineName(name: string): void {
  if (!NAME.test(name)) throw new Error(`An engine's name is made of lower-case letters, digits and dashes, at most 20: "${name}"`);
}
