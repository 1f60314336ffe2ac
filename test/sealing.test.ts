import { Sealer } from '../src/sealing.js';

const value = { tls: { key: 'secret key' } };

test('what is sealed is opened by the same key in the same place only', () => {
  const sealed = new Sealer('key one').seal(value, 'host-1');
  expect(Buffer.from(sealed).toString('latin1')).not.toContain('secret');
  expect(new Sealer('key one').open(sealed, 'host-1')).toEqual(value);
  expect(() => new Sealer('key two').open(sealed, 'host-1')).toThrow(/STOWAGE_SECRET_KEY/);
  expect(() => new Sealer('key one').open(sealed, 'host-2')).toThrow(/STOWAGE_SECRET_KEY/);
});

test('a sealed value that was changed in any byte is refused', () => {
  const sealer = new Sealer('key');
  const sealed = sealer.seal(value, 'host-1');
  for (let index = 1; index < sealed.length; index += 1) {
    const changed = Uint8Array.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => sealer.open(changed, 'host-1')).toThrow();
  }
});

test('one value is sealed differently each time', () => {
  const sealer = new Sealer('key');
  expect(sealer.seal(value, 'host-1')).not.toEqual(sealer.seal(value, 'host-1'));
});
