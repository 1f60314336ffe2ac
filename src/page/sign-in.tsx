import { useEffect, useState, type SubmitEvent } from 'react';
import { currentSession, signIn, type Session } from './session';

interface Props {
  /** A document of the page: who signs in where it is not answered is told why. */
  readonly probe: string;
  readonly onSession: (session: Session) => void;
}

/** Asks for the token, unless this browser is signed in already. */
export function SignIn({ probe, onSession }: Props) {
  const [problem, setProblem] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  // Who is signed in is not shown a form for a moment.
  const [isKnown, setIsKnown] = useState(false);

  const attempt = (secret: string): void => {
    setBusy(true);
    signIn(secret, probe).then(onSession, (error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    });
  };
  // Once, when the page opens.
  useEffect(() => {
    currentSession().then(
      (session) => {
        if (session === undefined) setIsKnown(true);
        else onSession(session);
      },
      () => {
        setIsKnown(true);
      },
    );
  }, []);

  const onSubmit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const secret = new FormData(event.currentTarget).get('secret');
    attempt(typeof secret === 'string' ? secret.trim() : '');
  };
  if (!isKnown) return <main className="sign-in" />;
  return (
    <main className="sign-in">
      <form onSubmit={onSubmit}>
        <h1>Stowage</h1>
        <label htmlFor="secret">Secret of a token</label>
        <input id="secret" name="secret" type="password" autoComplete="off" autoFocus placeholder="stow_…" />
        <button type="submit" disabled={busy}>
          Sign in
        </button>
        <p role="alert">{problem}</p>
        <p className="hint">
          It is kept in a cookie of this gateway that no script can read, for twelve hours. A gateway without access control (STOWAGE_AUTH=none) needs none.
        </p>
      </form>
    </main>
  );
}
