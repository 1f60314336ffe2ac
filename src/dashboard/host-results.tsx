import { Badge } from './feedback';
import type { Tone } from './words';

/** What became of a change on one host, or of one volume. */
export interface LineResult {
  readonly where: string;
  readonly words: string;
  readonly tone: Tone;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What became of a change over several hosts; a problem stands in the gateway's own words. */
export function HostResults({ results }: { readonly results: readonly LineResult[] }) {
  return (
    <ul className="results">
      {results.map(({ where, words, tone, error }) => (
        <li key={where}>
          <b>{where}</b> <Badge tone={error === null ? tone : 'bad'}>{error === null ? words : error.code}</Badge>
          {error !== null && <p>{error.message}</p>}
        </li>
      ))}
    </ul>
  );
}
