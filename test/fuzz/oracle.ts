import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { PROBLEM_MEANINGS } from '../../src/problems.js';

const REPOSITORY = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** What must be in no answer, whatever was asked. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'the code INTERNAL': /"INTERNAL"|inside the gateway/,
  'a status of a server that failed': /^HTTP\/1\.1 500/,
  'a stack': /\bat [\w.<>$ ]+ \((file:|node:|\/)|\\n\s+at |\.(js|mjs|ts):\d+:\d+/,
  'an error of the language':
    /TypeError|RangeError|ReferenceError|SyntaxError|is not a function|Cannot read propert|is not iterable|Maximum call stack|Unexpected token|Converting circular/,
  'a path of the program': new RegExp(`${REPOSITORY.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}|node_modules|/dist/|file:///|node:internal`),
  SQL: /\b(select\b[^"]{0,200}\bfrom\b|insert into\b|delete from\b|update "?\w+"? set\b)/i,
  'words of the database':
    /prisma|\bP20\d\d\b|violates|relation "|syntax error at|invalid input syntax|invalid byte sequence|out of range for type|deadlock|SQLSTATE|\bpg_\w+/i,
};

/**
 * What is wrong with an answer: what must be in none, and codes that do not exist.
 * @param secrets what must be in it nowhere.
 */
export function wrongsOf(text: string, secrets: readonly string[]): string[] {
  const found = Object.entries(FORBIDDEN).flatMap(([what, pattern]) => {
    const match = pattern.exec(text);
    return match === null ? [] : [`${what}: …${text.slice(Math.max(0, match.index - 100), match.index + 200)}…`];
  });
  const codes = [...text.matchAll(/"code":"([^"]*)"/g)].map(([, code]) => code ?? '');
  const unknown = codes.filter((code) => !(code in PROBLEM_MEANINGS) && !code.startsWith('PERSISTED_QUERY_'));
  return [
    ...found,
    ...unknown.map((code) => `the code ${code}, which is none`),
    ...secrets.filter((secret) => text.includes(secret)).map((secret) => `the secret ${secret}`),
  ];
}
