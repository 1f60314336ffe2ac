import type { CombinedError } from '@urql/core';
import type { ReactNode } from 'react';
import { problemCode, problemWords } from './gateway';
import type { Tone } from './words';

// What is shown in place of data.

export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      Reading {what} …
    </p>
  );
}

/** Nothing is there, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Something went wrong, and words that say what. */
export function Failure({ words, code, onRetry }: { readonly words: string; readonly code?: string | undefined; readonly onRetry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <p>
        {words} {code !== undefined && <code>{code}</code>}
      </p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Why a question was not answered. */
export function QueryFailure({ error, onRetry }: { readonly error: CombinedError; readonly onRetry?: () => void }) {
  return <Failure words={problemWords(error)} code={problemCode(error)} {...(onRetry === undefined ? {} : { onRetry })} />;
}

/** What a question that has no answer yet, or none any more, shows beside its data. */
export function QueryState({
  query: { data, error, reload },
  what,
}: {
  readonly query: { readonly data: unknown; readonly error: CombinedError | undefined; readonly reload: () => void };
  readonly what: string;
}) {
  return (
    <>
      {error !== undefined && <QueryFailure error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what={what} />}
    </>
  );
}

/** A state in a word and a colour. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}
