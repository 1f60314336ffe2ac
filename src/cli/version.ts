import { readFileSync } from 'node:fs';

/** This version of Stowage, as its package says. */
export function ownVersion(): string {
  // Two folders up from dist/bundle and from dist/cli alike.
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
