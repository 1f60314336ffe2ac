import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { needContentPrograms } from './engine-programs.js';
import { enginesRunAs, IMAGE, type TestEngine } from './test-engine.js';

const run = promisify(execFile);

/** Makes everything that a volume can hold: all kinds of entries, odd names, owners and modes. Run by a shell in the volume. */
const ODD_TREE = String.raw`
mkdir -p d/deep/er e && echo hello >d/a && printf '' >empty && dd if=/dev/urandom of=big bs=1k count=3000 2>/dev/null
ln d/a d/hard && ln -s a d/soft && ln -s /etc/passwd absolute && ln -s ../../../outside outside && ln -s nowhere dangling
mkfifo fifo && mknod char c 1 3 && mknod block b 7 0
chmod 6755 big && chmod 1777 e && chmod 000 empty && chown 1234:4321 d/a && chown -h 77:88 dangling
touch "$(printf 'name\nwith newline')" "$(printf 'caf\303\251')" "$(printf 'not-utf8-\377\376')" ' blanks ' .hidden .wh.white
touch -d @86400 old && long=$(printf 'x%.0s' $(seq 200)) && mkdir -p "$long/$long" && echo deep >"$long/$long/$long"
printf 'a\000b' >nul && dd if=/dev/zero of=sparse bs=1 count=1 seek=1000000 2>/dev/null && chmod 0711 . && chown 5:6 .
`;

/** Runs a shell script inside a volume, which is made where it is not there. */
export function inVolume(engine: TestEngine, volume: string, script: string): Promise<string> {
  return engine.cli('run', '--rm', '--network', 'none', '-v', `${volume}:/v`, '-w', '/v', IMAGE, 'sh', '-ec', script);
}

/** Fills a volume with every kind of entry and so many plain files beside. */
export async function fillOddly(engine: TestEngine, volume: string, files = 0): Promise<void> {
  await needContentPrograms();
  await inVolume(engine, volume, ODD_TREE);
  if (files > 0) {
    await inVolume(
      engine,
      volume,
      `for i in $(seq ${String(Math.ceil(files / 200))}); do mkdir -p many/$i; for j in $(seq 200); do echo "$i $j" >many/$i/$j; done; done`,
    );
  }
  if (enginesRunAs() === 'processes') await run('setcap', ['cap_net_bind_service+ep', path.join(onDisk(engine, volume), 'd/a')]);
}

/** Where a volume lies on the engine's own disk. */
export function onDisk(engine: TestEngine, volume: string): string {
  return path.join(engine.dataRoot, 'volumes', volume, '_data');
}

/**
 * What a volume holds as find, stat and sha256sum tell it, none of them the gateway's: type, mode, owner, size, whole seconds
 * (of all but the root), links and bytes of every name.
 */
export async function describeVolume(engine: TestEngine, volume: string): Promise<string> {
  const script = String.raw`

find . ! -type d -exec stat -c '%n|%F|%a|%u|%g|%s|%Y|%h|%t:%T' {} + | sort
find . -type d ! -path . -exec stat -c '%n|%F|%a|%u|%g|%Y' {} + | sort
stat -c '%n|%F|%a|%u|%g' .
find . -type l -exec readlink {} \; | sort
find . -type f -exec sha256sum {} + | sort`;
  const listing = await engine.cli('run', '--rm', '--network', 'none', '-v', `${volume}:/v:ro`, '-w', '/v', IMAGE, 'sh', '-ec', script);
  if (enginesRunAs() !== 'processes') return listing;
  const { stdout } = await run('getfattr', ['-R', '-d', '-h', '-m', '^security', '--absolute-names', '.'], { cwd: onDisk(engine, volume) });
  return `${listing}\n${stdout}`;
}

export function removeVolumeByForce(engine: TestEngine, volume: string): Promise<string> {
  return engine.cli('volume', 'rm', '-f', volume);
}
