import { startEngines, type TestEngine } from './engines.js';
import { startGateway, type GatewayOptions, type TestGateway } from './gateway.js';
import { findLeftovers } from './leftovers.js';
import { eventually } from './wait.js';

/** Engines and a gateway that watches all of them. */
export interface Stand {
  readonly engines: readonly TestEngine[];
  readonly gateway: TestGateway;
  /** The engine of that name. */
  engine(name: string): TestEngine;
  /** Ends all of it. @throws {Error} when anything is left behind. */
  stop(): Promise<void>;
}

/**
 * Starts engines of these names and a gateway that knows them by the same, and waits until all are ONLINE.
 * @param stopRest ends what the gateway was given, when it is stopped.
 */
export async function startStand(
  names: readonly string[],
  options: GatewayOptions = {},
  stopRest: () => Promise<void> = () => Promise.resolve(),
): Promise<Stand> {
  const engines = await startEngines(names);
  const stopEngines = () => Promise.all(engines.map((engine) => engine.stop()));
  let gateway: TestGateway;
  try {
    gateway = await startGateway({ ...options, hosts: Object.fromEntries(engines.map((engine) => [engine.name, engine.endpoint])) });
  } catch (error) {
    await stopEngines();
    throw error;
  }
  const stop = async () => {
    await gateway.stop();
    await stopEngines();
    await stopRest();
    await proveNothingIsLeft();
  };
  try {
    await hostsAre(gateway, 'ONLINE');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    engines,
    gateway,
    engine(name) {
      const engine = engines.find((candidate) => candidate.name === name);
      if (engine === undefined) throw new Error(`there is no engine ${name} here`);
      return engine;
    },
    stop,
  };
}

/** @throws {Error} with every process, mount and folder that the tests left. */
export async function proveNothingIsLeft(): Promise<void> {
  await eventually(
    async () => {
      const left = await findLeftovers();
      if (left.length > 0) throw new Error(left.join('\n'));
    },
    { what: 'the tests leave nothing behind', timeoutMs: 30_000 },
  );
}

/** Waits until all hosts, or the named one, have a status. */
export async function hostsAre(gateway: TestGateway, status: string, name?: string, timeoutMs = 60_000): Promise<void> {
  await eventually(
    async () => {
      const { hosts } = await gateway.query<{ hosts: { name: string; status: string; statusReason: string | null }[] }>(
        '{ hosts { name status statusReason } }',
      );
      const others = hosts.filter((host) => (name === undefined || host.name === name) && host.status !== status);
      if (others.length > 0 || hosts.length === 0) throw new Error(JSON.stringify(hosts));
    },
    { what: `${name ?? 'every host'} is ${status}`, timeoutMs },
  );
}
