import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './engine-client.js';
import { enginePrograms, sshServer } from './engine-programs.js';
import { makeTestFolder } from './test-folder.js';
import { eventually } from './wait.js';

const run = promisify(execFile);

/** A real OpenSSH server that joins whoever signs in to one engine's socket. */
export interface TestSshServer {
  /** `ssh://user@127.0.0.1:PORT` */
  readonly endpoint: string;
  /** The private key that is let in, in OpenSSH's format. */
  readonly privateKey: string;
  /** Another one, that is not. */
  readonly strangerKey: string;
  /** How often someone was let in so far. */
  logins(): number;
  /** How many connections are open. */
  connections(): Promise<number>;
  /** Ends the server and every connection, as a crash does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Starts it anew with another host key, as a server that was installed anew, or one in between. */
  changeHostKey(): Promise<void>;
  /** Ends all of it and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1 in front of the engine with this socket. */
export async function startSshServer(engineSocket: string): Promise<TestSshServer> {
  const program = await sshServer();
  const { docker } = await enginePrograms();
  const folder = await makeTestFolder('sshd');
  const file = (name: string) => path.join(folder, name);
  for (const name of ['host', 'client', 'stranger']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  await copyFile(file('client.pub'), file('authorized_keys'));
  const port = await freePort();
  const settings = [
    `Port ${String(port)}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `PidFile ${file('sshd.pid')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    `ForceCommand ${docker} -H unix://${engineSocket} system dial-stdio`,
  ];
  await writeFile(file('config'), `${settings.join('\n')}\n`);
  // Debian makes it when the service starts, which it does not here.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });

  let server: ChildProcess | undefined;
  let output = '';
  const start = async () => {
    // A group of its own: the processes of its connections are ended with it.
    const child = spawn(program, ['-D', '-e', '-f', file('config')], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    server = child;
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const begun = output.length;
    await eventually(
      () => {
        if (!output.slice(begun).includes('Server listening')) throw new Error(output);
      },
      { what: 'sshd listens' },
    );
  };
  const connectionPids = async (): Promise<string[]> => {
    if (server?.pid === undefined) return [];
    const children = await readFile(`/proc/${String(server.pid)}/task/${String(server.pid)}/children`, 'utf8').catch(() => '');
    return children.trim().split(' ').filter(Boolean);
  };
  const kill = async () => {
    if (server?.pid === undefined) return;
    const ended = once(server, 'exit');
    // Connections have sessions, and so groups, of their own.
    for (const pid of await connectionPids()) process.kill(Number(pid), 'SIGKILL');
    process.kill(-server.pid, 'SIGKILL');
    await ended;
    server = undefined;
  };
  await start();
  return {
    endpoint: `ssh://${userInfo().username}@127.0.0.1:${String(port)}`,
    privateKey: await readFile(file('client'), 'utf8'),
    strangerKey: await readFile(file('stranger'), 'utf8'),
    logins: () => output.split('Accepted publickey').length - 1,
    connections: async () => (await connectionPids()).length,
    kill,
    start,
    async changeHostKey() {
      await kill();
      for (const name of ['host', 'host.pub']) await rm(file(name));
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('host')]);
      await start();
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}
