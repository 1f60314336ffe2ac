import type { CombinedError, TypedDocumentNode } from '@urql/core';
import { useEffect, useId, useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { QueryFailure } from './feedback';
import { useGateway } from './gateway-context';
import { Icon } from './icons';

/** One call that can be made again: with the same key it is made once, whatever became of the first answer. */
export interface Attempt {
  readonly form: FormData;
  readonly idempotencyKey: string;
}

interface ActionProps<Data, Variables extends object, Result> {
  /** Words on the button that opens the dialog. */
  readonly button: ReactNode;
  /** Whether there is that button; what was begun is shown to its end either way. */
  readonly isOffered?: boolean;
  /** Told when the dialog opens and closes. */
  readonly onOpenChange?: (isOpen: boolean) => void;
  readonly buttonClass?: string;
  readonly title: string;
  /** Words on the button that does it. */
  readonly submit: string;
  readonly isDangerous?: boolean;
  readonly document: TypedDocumentNode<Data, Variables>;
  readonly variables: (attempt: Attempt) => Variables;
  readonly resultOf: (data: Data) => Result;
  /** What is shown once it was answered. */
  readonly children: ReactNode;
  readonly result: (result: Result) => ReactNode;
}

/** A change: a button, a dialog that asks what is needed, and what became of it. */
export function Action<Data, Variables extends object, Result>(props: ActionProps<Data, Variables, Result>) {
  const [isOpen, setIsOpen] = useState(false);
  const change = (isNowOpen: boolean) => {
    setIsOpen(isNowOpen);
    props.onOpenChange?.(isNowOpen);
  };
  return (
    <>
      {props.isOffered !== false && (
        <button
          type="button"
          className={props.buttonClass ?? ''}
          onClick={() => {
            change(true);
          }}
        >
          {props.button}
        </button>
      )}
      {isOpen && (
        <ActionDialog
          {...props}
          onClose={() => {
            change(false);
          }}
        />
      )}
    </>
  );
}

function ActionDialog<Data, Variables extends object, Result>({
  title,
  submit,
  isDangerous = false,
  document,
  variables,
  resultOf,
  children,
  result: showResult,
  onClose,
}: ActionProps<Data, Variables, Result> & { readonly onClose: () => void }) {
  const { client } = useGateway();
  // It is about what it showed when it was opened, and not about what became of that meanwhile: the gateway says so when it is gone.
  const [of] = useState({ title, variables });
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<CombinedError | undefined>();
  const [result, setResult] = useState<{ readonly of: Result } | undefined>();
  const key = useRef<string>(undefined);
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // A call that was refused is another one when it is made again; one without an answer is still the same.
    if (key.current === undefined || error?.networkError === undefined) key.current = newKey();
    setIsBusy(true);
    void client
      .mutation(document, of.variables({ form, idempotencyKey: key.current }))
      .toPromise()
      .then(({ data, error: problem }) => {
        setIsBusy(false);
        setError(problem);
        if (problem === undefined && data !== undefined) setResult({ of: resultOf(data) });
      });
  };
  return (
    <Dialog title={of.title} onClose={onClose}>
      {result === undefined ? (
        <form onSubmit={onSubmit} className="dialog-form">
          {children}
          {error !== undefined && <QueryFailure error={error} />}
          <div className="dialog-end">
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>
              {isBusy ? 'Working …' : submit}
            </button>
          </div>
        </form>
      ) : (
        <>
          <div className="dialog-result" role="status">
            {showResult(result.of)}
          </div>
          <div className="dialog-end">
            <button type="button" className="primary" onClick={onClose} autoFocus>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** A window of the browser's own over the page: it keeps the focus, and Escape closes it. */
function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    // Not the sign that closes it, which the browser takes as the first of it.
    dialog?.querySelector<HTMLElement>('form :is(input, select, textarea, button)')?.focus();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
      // What opened it may be gone by now, with what was changed.
      if (document.activeElement === null || document.activeElement === document.body) document.getElementById('content')?.focus();
    };
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={onClose}>
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="plain" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Bytes of chance in a key. */
const KEY_BYTES = 16;

/** By getRandomValues: randomUUID is there on https and localhost only. */
function newKey(): string {
  return `dashboard-${Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** A text of a form, without spaces around it; undefined where there is none. */
export function textOf(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value !== 'string' || value.trim() === '' ? undefined : value.trim();
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Lines of `key=value`, as labels and options are typed. What would not come out of a line as it was stands as a text of JSON. */
export function pairsOf(form: FormData, name: string): Pair[] {
  return (textOf(form, name) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(pairIn);
}

/** The lines from which {@link pairsOf} gets the same pairs. */
export const linesOf = (pairs: readonly Pair[]): string => pairs.map(lineOf).join('\n');

/** A pair on its line: a label without a value is its key alone. */
export const lineOf = ({ key, value }: Pair): string => (value === '' ? partOf(key, '=') : `${partOf(key, '=')}=${partOf(value)}`);

/** Nothing that begins like a text of JSON, ends in spaces or has a line break is written as it is; nor a key with the sign after it. */
function partOf(text: string, end?: string): string {
  const isPlain = !text.startsWith('"') && text.trim() === text && !/[\r\n]/.test(text) && (end === undefined || !text.includes(end));
  return isPlain ? text : JSON.stringify(text);
}

/** A text of JSON at the beginning of a key, and what follows. */
const QUOTED_KEY = /^("(?:[^"\\]|\\.)*")(?:=(.*))?$/;

function pairIn(line: string): Pair {
  const quoted = QUOTED_KEY.exec(line);
  const [key = '', ...rest] = quoted === null ? line.split('=') : [quoted[1], quoted[2] ?? ''];
  return { key: unquoted(key), value: unquoted(rest.join('=')) };
}

/** What begins and ends in quotes and is no text of JSON is what it is. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}
