import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem, PROBLEM_MEANINGS, toShownProblem } from '../src/problems.js';

test('a problem is shown as it is, and anything else without its words', () => {
  const problem = new Problem('CONFLICT', 'words');
  expect(toShownProblem(problem)).toEqual({ problem, unknown: false });
  const shown = toShownProblem(new Error('select secret from table'));
  expect(shown).toMatchObject({ unknown: true, problem: { code: 'INTERNAL' } });
  expect(shown.problem.message).not.toContain('secret');
});

test.each([
  ['a connection that cannot be made', Object.assign(new Error('x'), { code: 'P1001' })],
  ['a pool without a free connection', Object.assign(new Error('x'), { code: 'P2024' })],
  ['a database that is shutting down, deep in the causes', new Error('outer', { cause: Object.assign(new Error('inner'), { code: '57P01' }) })],
])('an absent database is UNAVAILABLE: %s', (_what, error) => {
  expect(toShownProblem(error)).toMatchObject({ unknown: false, problem: { code: 'UNAVAILABLE' } });
});

test('docs/problems.md tells every code with its meaning', () => {
  const page = readFileSync(fileURLToPath(new URL('../docs/problems.md', import.meta.url)), 'utf8');
  for (const [code, meaning] of Object.entries(PROBLEM_MEANINGS)) expect(page).toContain(`| \`${code}\` | ${meaning} |`);
});

test('every code is used somewhere in the code', () => {
  const root = fileURLToPath(new URL('../src', import.meta.url));
  const files = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? (entry.name === 'generated' ? [] : files(file)) : [file];
    });
  expect(existsSync(root)).toBe(true);
  const code = files(root)
    .filter((file) => !file.endsWith('problems.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  // Codes of what is not built yet.
  const later = ['PLAN_STALE', 'CURSOR_EXPIRED', 'INTERNAL'];
  expect(Object.keys(PROBLEM_MEANINGS).filter((name) => !code.includes(`'${name}'`) && !later.includes(name))).toEqual([]);
});
