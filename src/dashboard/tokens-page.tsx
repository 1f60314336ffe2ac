import { useId } from 'react';
import { Action, textOf } from './action-dialog';
import { Age, useNow } from './ages';
import { Badge, Empty, QueryState } from './feedback';
import { useLiveQuery, useMayAdminister } from './gateway-context';
import { useOfferedHosts } from './host-choice';
import { CreateTokenDocument, RevokeTokenDocument, TokensDocument, type Role, type TokensQuery } from './operations';
import { Table } from './table';
import { formatCount } from './words';

const ROLES: readonly (readonly [Role, string])[] = [
  ['VIEWER', 'Reads'],
  ['OPERATOR', 'Also changes volumes, containers and backups'],
  ['ADMIN', 'Also changes hosts and tokens: is root on every host'],
];
/** Lives of a token that are offered, as ISO 8601 has them. */
const LIVES: readonly (readonly [string, string])[] = [
  ['P1D', 'After a day'],
  ['P30D', 'After 30 days'],
  ['P365D', 'After a year'],
  ['', 'Never by itself'],
];
type Token = TokensQuery['tokens'][number];

/** Who may come in, and how: tokens are made and ended here. */
export function TokensPage() {
  return (
    <div className="page">
      <title>Tokens · Stowage</title>
      {useMayAdminister() ? (
        <Tokens />
      ) : (
        <>
          <h1>Tokens</h1>
          <p className="note">Tokens need the role ADMIN for all hosts.</p>
        </>
      )}
    </div>
  );
}

function Tokens() {
  const query = useLiveQuery(TokensDocument, {}, ({ type }) => type.startsWith('TOKEN_'));
  const { data } = query;
  return (
    <>
      <div className="page-head">
        <h1>Tokens</h1>
        {data !== undefined && <span className="muted">{formatCount(data.tokens.length)}</span>}
        <CreateToken />
      </div>
      <QueryState query={query} what="tokens" />
      {data?.tokens.length === 0 && (
        <div className="card">
          <Empty title="No token yet">The one of STOWAGE_ADMIN_TOKEN is not listed.</Empty>
        </div>
      )}
      {data !== undefined && data.tokens.length > 0 && (
        <div className="card">
          <Table label="All tokens" columns={['Name', 'Role', 'Hosts', 'Made', 'Last used', 'Ends']} hasActions>
            {data.tokens.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </Table>
        </div>
      )}
    </>
  );
}

function TokenRow({ token: { id, name, role, hosts, createdAt, expiresAt, lastUsedAt, revokedAt } }: { readonly token: Token }) {
  const now = useNow();
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= now;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{role.toLowerCase()}</td>
      <td>{hosts === null ? <span className="muted">all</span> : hosts.join(', ')}</td>
      <td className="muted">
        <Age at={createdAt} />
      </td>
      <td className="muted">
        <Age at={lastUsedAt} />
      </td>
      <td>
        {revokedAt !== null ? <Badge tone="quiet">Revoked</Badge> : isExpired ? <Badge tone="quiet">Expired</Badge> : <Age at={expiresAt} otherwise="never" />}
      </td>
      <td>
        <Action
          button="Revoke"
          isOffered={revokedAt === null && !isExpired}
          buttonClass="plain"
          title={`Revoke ${name}`}
          submit="Revoke"
          isDangerous
          document={RevokeTokenDocument}
          variables={() => ({ id })}
          resultOf={({ revokeToken }) => revokeToken.removed}
          result={() => <p>{name} is not let in any more.</p>}
        >
          <p>It ends at once, also where something is open with it.</p>
        </Action>
      </td>
    </tr>
  );
}

function CreateToken() {
  return (
    <Action
      button="Create token"
      buttonClass="primary"
      title="Create a token"
      submit="Create"
      document={CreateTokenDocument}
      variables={({ form }) => {
        const [hosts, expiresIn] = [form.getAll('host').map(String), textOf(form, 'expiresIn')];
        return {
          input: {
            name: textOf(form, 'name') ?? '',
            role: ROLES.find(([role]) => role === form.get('role'))?.[0] ?? 'VIEWER',
            ...(hosts.length === 0 ? {} : { hosts }),
            ...(expiresIn === undefined ? {} : { expiresIn }),
          },
        };
      }}
      resultOf={({ createToken }) => createToken}
      result={({ secret, token }) => <Secret secret={secret} name={token.name} />}
    >
      <div className="field">
        <label htmlFor="token-name">Name</label>
        <input id="token-name" name="name" required autoComplete="off" spellCheck={false} autoFocus />
        <span className="hint">The journal says it of everything that is done with the token.</span>
      </div>
      <fieldset className="field">
        <legend className="field-label">Role</legend>
        <div className="checks">
          {ROLES.map(([role, words], index) => (
            <label key={role} className="check">
              <input type="radio" name="role" value={role} defaultChecked={index === 0} />
              {role.toLowerCase()} <span className="muted">{words}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset className="field">
        <legend className="field-label">For these hosts only</legend>
        <div className="checks">
          <HostChecks />
        </div>
        <span className="hint">None chosen: for all hosts, also those that come.</span>
      </fieldset>
      <div className="field">
        <label htmlFor="token-life">It ends</label>
        <select id="token-life" name="expiresIn" defaultValue="P30D">
          {LIVES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
    </Action>
  );
}

function HostChecks() {
  return useOfferedHosts().map(({ name }) => (
    <label key={name} className="check">
      <input type="checkbox" name="host" value={name} /> {name}
    </label>
  ));
}

/** The one time that a secret is shown. */
function Secret({ secret, name }: { readonly secret: string; readonly name: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Secret of {name}</label>
      <input
        id={id}
        readOnly
        value={secret}
        onFocus={(event) => {
          event.target.select();
        }}
      />
      <span className="hint">It is kept nowhere: take it now, it is not shown again.</span>
    </div>
  );
}
