import { stringifyDocument } from '@urql/core';
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { currentSession, isSameSession, signOut, type Session } from '../page/session';
import { SignIn } from '../page/sign-in';
import { Breakdown } from './breakdown';
import { ConnectionSign } from './connection-sign';
import { openGateway, type Gateway } from './gateway';
import { GatewayProvider, useGateway, useMay, useMayAdminister } from './gateway-context';
import { Empty, Failure, Loading } from './feedback';
import { HostsPage } from './hosts-page';
import { Icon, type IconName } from './icons';
import { SignedInDocument } from './operations';
import { OperationsPage } from './operations-page';
import { Overview } from './overview';
import { PrunePage } from './prune-page';
import { ThemeChoice } from './theme-choice';
import { TokensPage } from './tokens-page';
import { VolumePage } from './volume-page';
import { VolumesPage } from './volumes-page';

/** Draws with a library that is larger than all the rest. */
const SharesPage = lazy(async () => ({ default: (await import('./shares-page')).SharesPage }));

/** One of the page's own documents: the gateway may answer these and no others. */
const PROBE = stringifyDocument(SignedInDocument);

/** The whole page: who is not signed in is asked for a token first. */
export function App() {
  const [session, setSession] = useState<Session | undefined>();
  const end = useCallback(() => {
    setSession(undefined);
  }, []);
  if (session === undefined) return <SignIn probe={PROBE} onSession={setSession} />;
  return <SignedIn session={session} onEnd={end} />;
}

/** Opens the way to the gateway, and closes it with the session. */
function SignedIn({ session, onEnd }: { readonly session: Session; readonly onEnd: () => void }) {
  const [gateway, setGateway] = useState<Gateway | undefined>();
  const [problem, setProblem] = useState<string | undefined>();
  const [attempt, setAttempt] = useState(0);
  /** How often it was tried to sign out. */
  const [leaving, setLeaving] = useState(0);
  const [page] = useLocation();
  useEffect(() => {
    let opened: Gateway | undefined;
    let isGone = false;
    // The way of a session that is over knows nothing of the next one.
    const end = () => {
      if (!isGone) onEnd();
    };
    openGateway(session, end).then(
      (found) => {
        opened = found;
        if (isGone) found.feed.stop();
        else setGateway(found);
      },
      (error: unknown) => {
        if (!isGone) setProblem(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      isGone = true;
      opened?.feed.stop();
    };
  }, [session, onEnd, attempt]);
  // Another tab of this browser may have signed in as somebody else: the cookie is theirs now, and so is all that is asked with it.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== 'visible') return;
      currentSession().then(
        (present) => {
          if (!isSameSession(session, present)) onEnd();
        },
        // Not there at all: the live connection says so.
        () => undefined,
      );
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
    };
  }, [session, onEnd]);
  // By then the pages are gone, and what they were asking is given up: none of it is refused for want of a session.
  useEffect(() => {
    if (leaving === 0) return;
    gateway?.feed.stop();
    signOut().then(onEnd, (error: unknown) => {
      setProblem(`You are still signed in. ${error instanceof Error ? error.message : String(error)}`);
    });
  }, [leaving, gateway, onEnd]);
  const leave = () => {
    setProblem(undefined);
    setLeaving(leaving + 1);
  };
  if (gateway === undefined) {
    const again = () => {
      setProblem(undefined);
      setAttempt(attempt + 1);
    };
    return <main className="alone">{problem === undefined ? <Loading what="the gateway" /> : <Failure words={problem} onRetry={again} />}</main>;
  }
  if (leaving > 0) {
    return <main className="alone">{problem === undefined ? <Loading what="the sign-in" /> : <Failure words={problem} onRetry={leave} />}</main>;
  }
  return (
    <GatewayProvider value={gateway}>
      <Shell session={session} onSignOut={leave}>
        <Breakdown page={page}>
          <Pages />
        </Breakdown>
      </Shell>
    </GatewayProvider>
  );
}

const VIEWS: readonly { readonly href: string; readonly words: string; readonly icon: IconName }[] = [
  { href: '/', words: 'Overview', icon: 'overview' },
  { href: '/volumes', words: 'Volumes', icon: 'volume' },
  { href: '/map', words: 'Shares', icon: 'map' },
  { href: '/operations', words: 'Operations', icon: 'operation' },
];
const ADMINISTERED: typeof VIEWS = [
  { href: '/hosts', words: 'Hosts', icon: 'system' },
  { href: '/tokens', words: 'Tokens', icon: 'key' },
];
const PRUNE = { href: '/prune', words: 'Clean up', icon: 'prune' } as const;

function Shell({ session, onSignOut, children }: { readonly session: Session; readonly onSignOut: () => void; readonly children: ReactNode }) {
  const [path] = useLocation();
  const { viewer } = useGateway();
  const former = useRef(path);
  useEffect(() => {
    // Whoever goes by keyboard or hears the page begins at its top; the browser does so only where it loads one.
    if (former.current !== path) document.getElementById('content')?.focus();
    former.current = path;
  }, [path]);
  const views = [...VIEWS, ...(useMay('OPERATOR') ? [PRUNE] : []), ...(useMayAdminister() ? ADMINISTERED : [])];
  const isCurrent = (href: string) => (href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`));
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="side">
        <Link href="/" className="brand">
          <Icon name="brand" />
          <span>Stowage</span>
        </Link>
        <nav aria-label="Pages">
          <ul>
            {views.map(({ href, words, icon }) => (
              <li key={href}>
                <Link href={href} aria-current={isCurrent(href) ? 'page' : undefined}>
                  <Icon name={icon} />
                  <span>{words}</span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="side-end">
          <a href="/graphiql" className="quiet-link">
            API explorer
          </a>
          <ThemeChoice />
          <div className="who">
            <span className="who-name">{viewer.name}</span>
            <span className="who-role">{viewer.role.toLowerCase()}</span>
            {session.session && (
              <button type="button" className="plain" onClick={onSignOut}>
                Sign out
              </button>
            )}
          </div>
        </div>
      </header>
      <div className="stage">
        <ConnectionSign />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}

function Pages() {
  return (
    <Suspense fallback={<Loading what="the page" />}>
      <Switch>
        <Route path="/" component={Overview} />
        <Route path="/volumes" component={VolumesPage} />
        <Route path="/volumes/:host/:name">{({ host, name }) => <VolumePage key={`${host}/${name}`} host={decoded(host)} name={decoded(name)} />}</Route>
        <Route path="/map" component={SharesPage} />
        <Route path="/operations" component={OperationsPage} />
        <Route path="/prune" component={PrunePage} />
        <Route path="/hosts" component={HostsPage} />
        <Route path="/tokens" component={TokensPage} />
        <Route>
          <Empty title="There is no such page">
            <Link href="/">Back to the overview</Link>
          </Empty>
        </Route>
      </Switch>
    </Suspense>
  );
}

/** A part of an address, of which the router leaves signs like %3D as they are. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
