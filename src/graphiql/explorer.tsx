import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { useEffect, useMemo } from 'react';
import { CSRF_HEADERS, GRAPHQL_URL, type Session } from '../page/session';

/** What stands in the editor at first; without a name, which GraphiQL would send for a while with a document that replaces it. */
const FIRST_QUERY = `# Volumes and who mounts them. Run with Ctrl+Enter; the schema is documented at the left.
{
  volumes(first: 10) {
    nodes {
      name
      host { name }
      state
      mounts { destination readOnly container { name state } }
    }
  }
}
`;

/**
 * GraphiQL over the gateway: queries and mutations by POST, subscriptions by WebSocket. What it keeps goes with the tab:
 * variables may hold keys of hosts.
 */
export function Explorer({ session, onSignOut }: { readonly session: Session; readonly onSignOut: () => void }) {
  const { name, role } = session;
  const webSocket = useMemo(
    () =>
      createClient({
        url: GRAPHQL_URL.href.replace(/^http/, 'ws'),
        lazy: true,
      }),
    [],
  );
  // Waits for a connection that is being opened, and fails with it.
  useEffect(() => () => void Promise.resolve(webSocket.dispose()).catch(() => undefined), [webSocket]);
  const fetcher = useMemo(() => createGraphiQLFetcher({ url: GRAPHQL_URL.href, headers: CSRF_HEADERS, wsClient: webSocket }), [webSocket]);
  return (
    <GraphiQL fetcher={fetcher} defaultQuery={FIRST_QUERY} storage={window.sessionStorage} isHeadersEditorEnabled={false} showPersistHeadersSettings={false}>
      <GraphiQL.Logo>
        <span className="signed-in">
          Stowage · {name} ({role})
        </span>
        {session.session && (
          <button type="button" className="graphiql-button" onClick={onSignOut}>
            Sign out
          </button>
        )}
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
