import { pack as startPack, type Pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { entryLine, Manifest } from '../../src/operations/manifest.js';
import { TarScanner, type TarEntry } from '../../src/operations/tar-scan.js';
import { problem } from '../harness/problem-matcher.js';

async function makeTar(fill: (pack: Pack) => void): Promise<Buffer> {
  const pack = startPack();
  fill(pack);
  pack.finalize();
  return buffer(pack);
}

/** Reads a tar in chunks of so many bytes. */
function scan(tar: Buffer, { chunk = 1_000_000, contentBytes = 1e9, entries = 1_000 } = {}): TarEntry[] {
  const found: TarEntry[] = [];
  const scanner = new TarScanner({ root: 'volume', contentBytes, entries }, (entry) => found.push(entry));
  for (let at = 0; at < tar.length; at += chunk) scanner.push(tar.subarray(at, at + chunk));
  scanner.end();
  return found;
}

describe('a tar', () => {
  test('is read the same in chunks of any size, with long names and attributes', async () => {
    const long = `volume/${'d/'.repeat(120)}${'n'.repeat(180)}`;
    const tar = await makeTar((pack) => {
      pack.entry({ name: 'volume/', type: 'directory', mode: 0o711, uid: 3 });
      pack.entry({ name: 'volume/a', mode: 0o4755, uid: 70_000, gid: 9, mtime: new Date(86_400_000) }, 'hello');
      pack.entry({ name: 'volume/é', pax: { 'SCHILY.xattr.security.capability': 'xyz' } }, '');
      pack.entry({ name: 'volume/hard', type: 'link', linkname: 'volume/a' });
      pack.entry({ name: 'volume/out', type: 'symlink', linkname: '../../etc' });
      pack.entry({ name: long }, 'x'.repeat(1_500));
    });
    const whole = scan(tar);
    expect(whole.map(({ path, type }) => [path, type])).toEqual([
      ['', 'DIRECTORY'],
      ['a', 'FILE'],
      [Buffer.from('é').toString('latin1'), 'FILE'],
      ['hard', 'HARD_LINK'],
      ['out', 'SYMLINK'],
      [long.slice('volume/'.length), 'FILE'],
    ]);
    expect(whole[1]).toMatchObject({
      mode: 0o4755,
      uid: 70_000,
      gid: 9,
      mtime: 86_400,
      size: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    });
    expect(whole[2]?.attributes).toEqual([['security.capability', 'xyz']]);
    expect(whole[3]?.linkPath).toBe('a');
    for (const chunk of [1, 7, 511, 512, 513]) expect(scan(tar, { chunk })).toEqual(whole);
  });

  test.each<[string, (pack: Pack) => void]>([
    ['a name that leads upward', (pack) => pack.entry({ name: 'volume/../x' }, 'x')],
    ['an absolute name', (pack) => pack.entry({ name: '/volume/x' }, 'x')],
    ['a name outside of the volume', (pack) => pack.entry({ name: 'elsewhere/x' }, 'x')],
    ['a hard link that leads upward', (pack) => pack.entry({ name: 'volume/x', type: 'link', linkname: 'volume/../../etc/shadow' })],
    ['an absolute hard link', (pack) => pack.entry({ name: 'volume/x', type: 'link', linkname: '/etc/shadow' })],
    ['a sparse file of GNU', (pack) => pack.entry({ name: 'volume/x', pax: { 'GNU.sparse.major': '1' } }, 'x')],
    ['something else than a directory as its root', (pack) => pack.entry({ name: 'volume', type: 'symlink', linkname: '/' })],
    [
      'a file behind a link that leads out',
      (pack) => {
        pack.entry({ name: 'volume/l', type: 'symlink', linkname: '/etc' });
        pack.entry({ name: 'volume/l/x' }, 'x');
      },
    ],
    [
      'a directory in the place of a link',
      (pack) => {
        pack.entry({ name: 'volume/l', type: 'symlink', linkname: '/etc' });
        pack.entry({ name: 'volume/l', type: 'directory' });
      },
    ],
    [
      'a file behind a hard link to a link',
      (pack) => {
        pack.entry({ name: 'volume/l', type: 'symlink', linkname: '/etc' });
        pack.entry({ name: 'volume/h', type: 'link', linkname: 'volume/l' });
        pack.entry({ name: 'volume/h/x' }, 'x');
      },
    ],
    ['a name that is longer than any can be', (pack) => pack.entry({ name: `volume/${'x/'.repeat(17_000)}x` }, 'x')],
    ['a size that is less than nothing', (pack) => pack.entry({ name: 'volume/x', pax: { size: '-512' } }, 'x')],
    ['a size that is no number of bytes', (pack) => pack.entry({ name: 'volume/x', pax: { size: '0x10' } }, 'x')],
    ['an owner that is none', (pack) => pack.entry({ name: 'volume/x', pax: { uid: '1e3' } }, 'x')],
    ['a time that is none', (pack) => pack.entry({ name: 'volume/x', pax: { mtime: 'NaN' } }, 'x')],
    [
      'a hard link through a link',
      (pack) => {
        pack.entry({ name: 'volume/l', type: 'symlink', linkname: '/etc' });
        pack.entry({ name: 'volume/x', type: 'link', linkname: 'volume/l/shadow' });
      },
    ],
  ])('is refused for %s before that is passed on', async (_what, fill) => {
    const tar = await makeTar(fill);
    expect(() => scan(tar, { chunk: 512 })).toThrow(problem('CONFLICT'));
  });

  test('is refused when it ends in its middle, wherever that is, or goes on after its end', async () => {
    const tar = await makeTar((pack) => pack.entry({ name: 'volume/a' }, 'x'.repeat(700)));
    for (const end of [0, 100, 512, 600, 1_536, 2_048]) expect(() => scan(tar.subarray(0, end))).toThrow(problem('CONFLICT'));
    expect(() => scan(Buffer.concat([tar, Buffer.from('more')]))).toThrow(problem('CONFLICT'));
    const changed = Buffer.from(tar);
    changed[2] = (changed[2] ?? 0) ^ 1;
    expect(() => scan(changed)).toThrow(problem('CONFLICT'));
  });

  /** A header of the old form with its checksum. */
  function header(name: string, flag: string, body = ''): Buffer {
    const block = Buffer.alloc(512);
    block.write(name, 0, 'latin1');
    block.write('0000644\0', 100);
    block.write('0000000\0', 108);
    block.write('0000000\0', 116);
    block.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    block.write('00000000000\0', 136);
    block.write(' '.repeat(8), 148);
    block.write(flag, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([block, Buffer.from(body, 'latin1'), Buffer.alloc((512 - (body.length % 512)) % 512)]);
  }
  const path = (name: string) => {
    const rest = ` path=${name}\n`;
    const length = rest.length + 2;
    return `${String(length)}${rest}`;
  };
  const END = Buffer.alloc(1024);

  test.each<[string, Buffer[]]>([
    ['of both forms', [header('long', 'L', 'volume/a\0'), header('pax', 'x', path('volume/b'))]],
    ['of one form', [header('pax', 'x', path('volume/b')), header('pax', 'x', path('volume/b'))]],
    ['in one header', [header('pax', 'x', path('volume/a') + path('volume/b'))]],
  ])('is refused for an entry with two names %s: an engine could take the other one', (_what, extensions) => {
    expect(() => scan(Buffer.concat([...extensions, header('volume/c', '0', 'x'), END]))).toThrow(problem('CONFLICT'));
    const [first] = extensions;
    if (first === undefined || extensions.length === 1) return;
    expect(scan(Buffer.concat([first, header('volume/c', '0', 'x'), END]))).toHaveLength(1);
  });

  test('is refused for attributes without end, and for a file that has the name of a directory', () => {
    const attributes = 'x'.repeat(1_048_570);
    expect(() => scan(Buffer.concat([header('pax', 'x', `1048583 a=${attributes}\n`), header('volume/c', '0'), END]))).toThrow(problem('CONFLICT'));
    expect(() => scan(Buffer.concat([header('volume/c/', '0', 'x'), END]))).toThrow(problem('CONFLICT'));
    expect(scan(Buffer.concat([header('volume/c', '0', 'x'), END]))).toHaveLength(1);
  });

  test('is refused when it holds more bytes or entries than it may, by its headers alone', async () => {
    const tar = await makeTar((pack) => {
      pack.entry({ name: 'volume/a' }, 'x'.repeat(700));
      pack.entry({ name: 'volume/b' }, 'x'.repeat(700));
    });
    expect(() => scan(tar, { contentBytes: 1_399 })).toThrow(problem('LIMIT_EXCEEDED'));
    expect(() => scan(tar, { entries: 1 })).toThrow(problem('LIMIT_EXCEEDED'));
    expect(scan(tar, { contentBytes: 1_400, entries: 2 })).toHaveLength(2);
  });
});

test('a manifest differs when anything does that an archive carries', async () => {
  const [entry] = scan(await makeTar((pack) => pack.entry({ name: 'volume/a', mode: 0o644 }, 'hello')));
  if (entry === undefined) throw new Error('no entry');
  const first = new Manifest();
  first.add(entry);
  const changes: Partial<TarEntry>[] = [
    { mode: 0o600 },
    { uid: 1 },
    { mtime: entry.mtime + 1 },
    { sha256: 'x' },
    { path: 'b' },
    { attributes: [['user.a', 'b']] },
  ];
  for (const change of changes) {
    const other = new Manifest();
    expect(other.add({ ...entry, ...change }, first)).toBe(false);
    expect([other.equals(first), entryLine({ ...entry, ...change }) === entryLine(entry)]).toEqual([false, false]);
  }
  const root = { ...entry, path: '' };
  expect(entryLine(root)).toBe(entryLine({ ...root, mtime: 5 }));
});
