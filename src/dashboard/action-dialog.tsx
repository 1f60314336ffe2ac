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
  return (
    <>
      {props.isOffered !== false && (
        <button
          type="button"
          className={props.buttonClass ?? ''}
          onClick={() => {
            setIsOpen(true);
          }}
        >
          {props.button}
        </button>
      )}
      {isOpen && (
        <ActionDialog
          {...props}
          onClose={() => {
            setIsOpen(false);
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
      .mutation(document, variables({ form, idempotencyKey: key.current }))
      .toPromise()
      .then(({ data, error: problem }) => {
        setIsBusy(false);
        setError(problem);
        if (problem === undefined && data !== undefined) setResult({ of: resultOf(data) });
      });
  };
  return (
    <Dialog title={title} onClose={onClose}>
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
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
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

/** Lines of `key=value`, as labels and options are typed. */
export function pairsOf(form: FormData, name: string): { key: string; value: string }[] {
  return (textOf(form, name) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [key = '', ...rest] = line.split('=');
      return { key, value: rest.join('=') };
    });
}
