import { openLog } from '../src/logging.js';
import { MASK } from '../src/masking.js';

/** A log, and what was written to it. */
function listen() {
  const lines: string[] = [];
  return { lines, log: openLog('trace', { write: (line: string) => lines.push(line) }) };
}

test('a secret is masked by the name of its field, also inside of what is logged', () => {
  const { log, lines } = listen();
  log.info(
    { token: 'stow_secret', request: { headers: { authorization: 'Bearer stow_secret', accept: 'any' } }, settings: { password: 'stow_secret' } },
    'words',
  );
  expect(lines.join('')).not.toContain('stow_secret');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ token: MASK, request: { headers: { authorization: MASK, accept: 'any' } }, settings: { password: MASK } });
});

test('an error of the database is logged without the values of its statement', () => {
  const { log, lines } = listen();
  log.error({ err: Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (secret)=(stow_secret) already exists.' }) }, 'words');
  expect(lines.join('')).not.toContain('stow_secret');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { message: 'duplicate key', code: '23505', detail: MASK } });
});

test('a child of the log masks the same', () => {
  const { log, lines } = listen();
  log.child({ host: 'alpha' }).warn({ credentials: { key: 'stow_secret' } }, 'words');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ host: 'alpha', credentials: MASK });
});
