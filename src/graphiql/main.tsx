import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Explorer } from './explorer';
import { signOut, type Session } from '../page/session';
import { SignIn } from '../page/sign-in';

/** Known to no list of documents: where there is one, nothing that is typed here would be answered. */
const PROBE = '{ __typename }';

function Page() {
  const [session, setSession] = useState<Session | undefined>();
  const [problem, setProblem] = useState<string | undefined>();
  if (session === undefined) return <SignIn probe={PROBE} onSession={setSession} />;
  const end = (): void => {
    setProblem(undefined);
    signOut().then(
      () => {
        setSession(undefined);
      },
      (error: unknown) => {
        setProblem(`You are still signed in. ${error instanceof Error ? error.message : String(error)}`);
      },
    );
  };
  if (problem !== undefined) {
    return (
      <main className="sign-in">
        <form action={end}>
          <p role="alert">{problem}</p>
          <button type="submit">Try again</button>
        </form>
      </main>
    );
  }
  return <Explorer session={session} onSignOut={end} />;
}

const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no place for the page');
createRoot(place).render(<Page />);
