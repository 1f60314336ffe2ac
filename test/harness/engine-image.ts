import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { makeTestFolder } from './test-folder.js';
import { dismantle } from './traces.js';
import { IMAGE, VOLUME_IMAGE } from './test-engine.js';

const run = promisify(execFile);

/** Bytes that the archive may have; busybox with its links is about 2 MB. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

let archive: Promise<Buffer> | undefined;

/** Puts both test images into an engine. No registry is needed: they are made of this machine's busybox. */
export async function importImages(docker: Docker, busybox: string): Promise<void> {
  archive ??= packRoot(busybox);
  const root = await archive;
  await importImage(docker, root, IMAGE, []);
  // One after the other: the second finds the layer of the first.
  await importImage(docker, root, VOLUME_IMAGE, ['VOLUME /data']);
}

async function importImage(docker: Docker, root: Buffer, reference: string, changes: string[]): Promise<void> {
  const [repo, tag] = reference.split(':');
  const answer = await docker.importImage(Readable.from([root]), { repo, tag, changes });
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  // The status is sent before the work is done; a failure stands in the text.
  if (text.includes('"error"')) throw new Error(`The image ${reference} was not imported: ${text}`);
}

async function packRoot(busybox: string): Promise<Buffer> {
  const folder = await makeTestFolder('image');
  try {
    const root = path.join(folder, 'root');
    for (const name of ['bin', 'etc', 'tmp', 'root']) await mkdir(path.join(root, name), { recursive: true });
    await chmod(path.join(root, 'tmp'), 0o1777);
    await writeFile(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
    await writeFile(path.join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    await copyWithLibraries(busybox, root);
    const { stdout } = await run(busybox, ['--list']);
    for (const applet of stdout.split('\n').filter((name) => /^[\w[.-]+$/.test(name) && name !== 'busybox')) {
      await symlink('busybox', path.join(root, 'bin', applet));
    }
    return await pack(root);
  } finally {
    await dismantle(folder);
  }
}

/** Debian's `busybox` needs libraries, `busybox-static` none; the two packages exclude each other. */
export async function copyWithLibraries(busybox: string, root: string): Promise<void> {
  await copyFile(busybox, path.join(root, 'bin/busybox'));
  await chmod(path.join(root, 'bin/busybox'), 0o755);
  const listing = await run('ldd', [busybox]).then(
    ({ stdout }) => stdout,
    () => '', // "not a dynamic executable"
  );
  for (const library of listing.match(/\/[\w./+-]+/g) ?? []) {
    await mkdir(path.join(root, path.dirname(library)), { recursive: true });
    await copyFile(library, path.join(root, library));
  }
}

async function pack(root: string): Promise<Buffer> {
  const { stdout } = await run('tar', ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-c', '.'], {
    encoding: 'buffer',
    maxBuffer: MAX_ARCHIVE_BYTES,
  });
  return stdout;
}
