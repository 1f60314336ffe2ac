import { Command, CommanderError, Option } from 'commander';
import { Output, UsageError } from './output.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { HostOptions } from './hosts.js';
import { ownVersion } from './version.js';

// What the command `stowage` takes. What each part does is loaded only when it is asked for: a gateway is much code.

interface GlobalOptions {
  readonly config?: string;
  readonly url?: string;
  readonly json?: true;
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  refused, or gone wrong
  2  no such command or option
  3  settings are wrong
  4  the gateway or the database does not answer`;

const ENVIRONMENT = `
Environment:
  STOWAGE_URL      gateway that is asked (default http://127.0.0.1:4000)
  STOWAGE_TOKEN    secret of the token to ask it with
  STOWAGE_CONFIG   file with settings of the gateway (default stowage.yaml, if there is one)`;

/** Runs one command, tells what came of it, and gives the exit code. */
export async function runCommandLine(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  const program = new Command('stowage');
  const output = () => new Output(program.opts<GlobalOptions>().json === true);
  // Of a command line that cannot be read nothing more is known than that the word stands there.
  const usageAsJson = words.includes('--json');
  if (usageAsJson) program.configureOutput({ writeErr: () => undefined });
  define(program, environment, output);
  try {
    await program.parseAsync(words, { from: 'user' });
    return EXIT.DONE;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.DONE;
      return usageAsJson ? new Output(true).failure(new UsageError(error.message.startsWith('(') ? 'a command is missing' : error.message)) : EXIT.USAGE;
    }
    return output().failure(error);
  }
}

function define(program: Command, environment: NodeJS.ProcessEnv, output: () => Output): void {
  const globals = () => program.opts<GlobalOptions>();
  const client = async () => (await import('./gateway-address.js')).clientFor(environment, globals().url);
  program
    .usage('[OPTIONS] COMMAND')
    .description('An inventory of the Docker volumes of many hosts, and a gateway to it')
    .option('--config <file>', 'file with settings of the gateway')
    .option('--url <url>', 'gateway that is asked')
    .option('--json', 'tell what came of it as JSON')
    .version(ownVersion(), '-v, --version', 'print the version and quit')
    .helpOption('-h, --help', 'print this help and quit')
    .helpCommand('help [command]', 'Print help of a command')
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name(), commandUsage: usageOf })
    .addHelpText('after', `${ENVIRONMENT}\n${EXIT_CODES}\n\nRun 'stowage COMMAND --help' for more information on a command.`)
    .showHelpAfterError("Run 'stowage --help' for the commands that there are.")
    .exitOverride();

  program
    .command('serve')
    .description('Run a gateway until SIGTERM; SIGHUP takes up hosts and backup policies of the file anew')
    .action(async () => {
      const { serve } = await import('./serve.js');
      await serve(environment, globals().config, output());
    });
  program
    .command('check')
    .description('Say whether a gateway would start with these settings, without starting it')
    .action(async () => {
      const { check } = await import('./check.js');
      await check(environment, globals().config, output());
    });

  program
    .command('health')
    .description('Say whether the gateway that these settings start is ready, on this machine; for health checks')
    .action(async () => {
      await (await import('./health.js')).health(environment, globals().config, output());
    });

  const token = group(program, 'token', 'Make, list and revoke tokens');
  token
    .command('create')
    .description('Make a token and print its secret, which is shown this once')
    .argument('<name>', 'what the journal names its holder by')
    .addOption(new Option('--role <role>', 'what it may do').choices(['VIEWER', 'OPERATOR', 'ADMIN']).default('VIEWER'))
    .option('--host <name>', 'host that it is for; may be given several times (default: all)', collect)
    .option('--expires <time>', 'when it ends by itself, such as 45m, 12h or 30d')
    .option('--local', 'make it in the database that the settings name, without a gateway')
    .action(async (name: string, options: { role: 'VIEWER' | 'OPERATOR' | 'ADMIN'; host?: string[]; expires?: string; local?: true }) => {
      const { createLocalToken, createRemoteToken } = await import('./tokens.js');
      const asked = { role: options.role, hosts: options.host, expires: options.expires };
      if (options.local !== true) {
        await createRemoteToken(await client(), name, asked, output());
        return;
      }
      const { readSettings } = await import('../config.js');
      await createLocalToken(readSettings(environment, globals().config), name, asked, output());
    });
  token
    .command('list')
    .alias('ls')
    .description('List all tokens, also those that are over')
    .action(async () => {
      await (await import('./tokens.js')).listTokens(await client(), output());
    });
  token
    .command('revoke')
    .description('End a token at once, everywhere')
    .argument('<id>', 'id of the token, as "stowage token list" shows it')
    .action(async (id: string) => {
      await (await import('./tokens.js')).revokeToken(await client(), id, output());
    });

  const host = group(program, 'host', 'Add, list and remove hosts');
  host
    .command('add')
    .description('Add a host, and wait until its inventory is there')
    .argument('<name>')
    .argument('<endpoint>', 'unix:///run/docker.sock, tcp://host:2376 or ssh://user@host')
    .option('-l, --label <key=value>', 'label; may be given several times', collect)
    .option('--tls-ca <file>', "certificate of the authority that signed the engine's")
    .option('--tls-cert <file>', 'certificate to show to the engine')
    .option('--tls-key <file>', 'key of that certificate')
    .option('--ssh-key <file>', 'private key')
    .option('--ssh-passphrase-file <file>', 'file with the passphrase of the private key')
    .action(async (name: string, endpoint: string, options: HostOptions) => {
      await (await import('./hosts.js')).addHost(await client(), name, endpoint, options, output());
    });
  host
    .command('list')
    .alias('ls')
    .description('List all hosts')
    .action(async () => {
      await (await import('./hosts.js')).listHosts(await client(), output());
    });
  host
    .command('remove')
    .alias('rm')
    .description('Forget a host with its inventory; its engine is not touched, and its events stay')
    .argument('<name>')
    .action(async (name: string) => {
      await (await import('./hosts.js')).removeHost(await client(), name, output());
    });

  group(program, 'backup', 'Back volumes up')
    .command('now')
    .description('Back a volume up, and wait until it is done')
    .argument('<host>')
    .argument('<volume>')
    .addOption(new Option('--quiesce <how>', 'what happens to containers that write to it').choices(['LIVE', 'PAUSE', 'STOP']).default('LIVE'))
    .option('-d, --detach', 'print the id of the operation and do not wait')
    .action(async (hostName: string, name: string, options: { quiesce: 'LIVE' | 'PAUSE' | 'STOP'; detach?: true }) => {
      const { backupNow } = await import('./backup.js');
      await backupNow(await client(), { host: hostName, name }, { quiesce: options.quiesce, detach: options.detach === true }, output());
    });

  const migrate = group(program, 'migrate', 'Look at and apply migrations of the database that the settings name');
  migrate
    .command('status')
    .description('Tell which migrations the database has')
    .action(async () => {
      await (await import('./migrate.js')).migrateStatus(environment, globals().config, output());
    });
  migrate
    .command('deploy')
    .description('Apply those that it does not have; gateways that start do so by themselves')
    .action(async () => {
      await (await import('./migrate.js')).migrateDeploy(environment, globals().config, output());
    });

  program
    .command('rotate-secret-key')
    .description('Seal what is sealed with STOWAGE_SECRET_KEY with STOWAGE_NEW_SECRET_KEY (see docs/security.md)')
    .option('--finish', 'have the old key forgotten, once every gateway has the new one')
    .action(async (options: { finish?: true }) => {
      const { rotateSecretKey } = await import('./rotate-secret-key.js');
      await rotateSecretKey(environment, globals().config, options.finish === true, output());
    });
  program
    .command('version')
    .description('Print the version of Stowage and of Node.js')
    .action(() => {
      const version = ownVersion();
      output().result({ version, node: process.versions.node }, `Stowage ${version}, Node.js ${process.versions.node}`);
    });
}

/** As the docker client writes it: what is to be filled in stands in capitals. */
function usageOf(command: Command): string {
  const above: string[] = [];
  for (let next = command.parent; next !== null; next = next.parent) above.unshift(next.name());
  const usage = command
    .usage()
    .replace('[options]', '[OPTIONS]')
    .replaceAll(/<([a-z-]+)>/g, (_match, name: string) => name.toUpperCase());
  return [...above, command.name(), usage].join(' ');
}

/** Collects an option that may be given several times. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** A command that has commands of its own. */
function group(program: Command, name: string, description: string): Command {
  return program.command(name).usage('COMMAND').description(description).helpCommand(false);
}
