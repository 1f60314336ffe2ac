import 'reflect-metadata';
import { pino } from 'pino';
import { readSettings, SettingsError } from './config.js';
import { startGateway } from './gateway.js';
import { Problem } from './problems.js';

/** Milliseconds after which a stop that hangs is ended hard. Everything committed is safe all the same. */
const STOP_LIMIT_MS = 4_700;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const log = pino({ level: settings.logLevel });
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

  const gateway = await startGateway(settings, process.env, log);
  const lines = [`Stowage is ready at ${gateway.url}/graphql`, `Dashboard: ${gateway.url}`];
  lines.push(gateway.hosts.length === 0 ? 'It knows no host yet: add one with the mutation addHost.' : `Hosts: ${gateway.hosts.join(', ')}`);
  if (gateway.firstSecret !== undefined) lines.push(`ADMIN secret, shown this once: ${gateway.firstSecret}`);
  process.stdout.write(`\n${lines.join('\n')}\n\n`);

  const signal = await stopRequested;
  log.info({ signal }, 'stopping');
  await gateway.stop();
  process.exit(0);
}

main().catch((error: unknown) => {
  const expected = error instanceof SettingsError || error instanceof Problem;
  process.stderr.write(`${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
