import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { readSettings, type Settings } from '../config.js';
import { startGateway, type Gateway } from '../gateway.js';
import { openLog } from '../logging.js';
import { requireUsable } from './check.js';
import type { Output } from './output.js';

/** Milliseconds after which a stop that hangs is ended hard. Everything committed is safe all the same. */
const STOP_LIMIT_MS = 4_700;

/**
 * Percent by which the heap may outgrow what was alive in it until it is cleaned. V8 would let it grow to four times that: a
 * gateway that has just listed 100 hosts takes 780 MB then, for 250 MB of inventory, and 480 MB with this.
 */
const HEAP_GROWING_PERCENT = 40;

/** Runs a gateway until it is told to stop by SIGTERM or SIGINT. With SIGHUP it takes up what its file declares by then. */
export async function serve(environment: NodeJS.ProcessEnv, configFile: string | undefined, output: Output): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${String(HEAP_GROWING_PERCENT)}`);
  const settings = readSettings(environment, configFile);
  await requireUsable(settings);
  const log = openLog(settings.logLevel);
  for (const warning of settings.warnings) log.warn(warning);
  // Asked to stop while it still starts, it stops as soon as it has started.
  let requestStop: (signal: string) => void = () => undefined;
  const stopRequested = new Promise<string>((resolve) => {
    requestStop = resolve;
  });
  const onSignal = (signal: string) => {
    // Also for a start that hangs.
    setTimeout(() => {
      log.error('stopping took too long');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    requestStop(signal);
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  // Before it has started there is nothing to take up, and nothing to end for.
  let reload: () => void = () => undefined;
  process.on('SIGHUP', () => {
    reload();
  });

  const gateway = await startGateway(settings, environment, log);
  let reloading = Promise.resolve();
  reload = () => {
    reloading = reloading.then(() => takeUp(gateway, log, () => readSettings(environment, configFile)));
  };
  output.result({ url: gateway.url, hosts: gateway.hosts, secret: gateway.firstSecret }, `\n${greeting(gateway)}\n`);

  const signal = await stopRequested;
  log.info({ signal }, 'stopping');
  reload = () => undefined;
  await reloading;
  await gateway.stop();
}

function greeting(gateway: Gateway): string {
  const lines = [`Stowage is ready at ${gateway.url}/graphql`, `Dashboard: ${gateway.url}`];
  lines.push(gateway.hosts.length === 0 ? 'It knows no host yet: add one with "stowage host add".' : `Hosts: ${gateway.hosts.join(', ')}`);
  if (gateway.firstSecret !== undefined) lines.push(`ADMIN secret, shown this once: ${gateway.firstSecret}`);
  return lines.join('\n');
}

/** With settings that are wrong, those that hold stay. */
async function takeUp(gateway: Gateway, log: Logger, read: () => Settings): Promise<void> {
  try {
    await gateway.apply(read());
    log.info('hosts and backup policies of the settings are taken up; other settings need a new start');
  } catch (error) {
    log.error({ err: error }, 'the settings cannot be taken up, and those from before stay');
  }
}
