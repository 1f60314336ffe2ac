import { Action, lineOf, linesOf, pairsOf, textOf } from './action-dialog';
import { Badge, Empty, QueryState } from './feedback';
import { useLiveQuery, useMayAdminister } from './gateway-context';
import { useHeldRow } from './held-row';
import { AddHostDocument, AdministeredHostsDocument, RemoveHostDocument, UpdateHostDocument, type AdministeredHostsQuery } from './operations';
import { Table } from './table';
import { formatCount, HOST_STATUSES } from './words';

const NO_HOSTS: readonly Host[] = [];
type Host = AdministeredHostsQuery['hosts'][number];

/** The engines that are watched: added, changed and removed by who may. */
export function HostsPage() {
  const mayAdminister = useMayAdminister();
  const query = useLiveQuery(AdministeredHostsDocument, {}, ({ type }) => type.startsWith('HOST_'));
  const { data } = query;
  const { rows, hold } = useHeldRow(data?.hosts ?? NO_HOSTS);
  return (
    <div className="page">
      <title>Hosts · Stowage</title>
      <div className="page-head">
        <h1>Hosts</h1>
        {data !== undefined && <span className="muted">{formatCount(data.hosts.length)}</span>}
        {mayAdminister && <AddHost />}
      </div>
      {!mayAdminister && <p className="note">Changing hosts needs the role ADMIN for all hosts.</p>}
      <QueryState query={query} what="hosts" />
      {data !== undefined && rows.length === 0 && <Empty title="No host yet" />}
      {rows.length > 0 && (
        <div className="card">
          <Table label="All hosts" columns={['Name', 'State', 'Endpoint', 'Labels']} hasActions={mayAdminister}>
            {rows.map((host) => (
              <tr key={host.id}>
                <th scope="row">{host.name}</th>
                <td>
                  <Badge tone={HOST_STATUSES[host.status].tone}>{HOST_STATUSES[host.status].words}</Badge>
                  {host.status !== 'ONLINE' && host.statusReason !== null && <p className="muted">{host.statusReason}</p>}
                </td>
                <td>
                  <code>{host.endpoint}</code>
                  {host.declaredIn !== null && <p className="muted">Declared in {host.declaredIn}</p>}
                </td>
                <td>{host.labels.map(lineOf).join(', ')}</td>
                {mayAdminister && (
                  <td>
                    {!host.declared && (
                      <span className="actions">
                        <ChangeHost host={host} onOpenChange={hold(host)} />
                        <RemoveHost host={host} onOpenChange={hold(host)} />
                      </span>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </Table>
        </div>
      )}
    </div>
  );
}

/** What became of a host that was added or changed. */
function Outcome({ name, status, statusReason }: Pick<Host, 'name' | 'status' | 'statusReason'>) {
  return (
    <p>
      <b>{name}</b> <Badge tone={HOST_STATUSES[status].tone}>{HOST_STATUSES[status].words}</Badge> {status !== 'ONLINE' && statusReason}
    </p>
  );
}

/** Keys by which the gateway reaches a host: they are sealed, and never shown again. */
function Keys() {
  const key = (name: string, words: string) => (
    <div className="field">
      <label htmlFor={`host-${name}`}>{words}</label>
      <textarea id={`host-${name}`} name={name} rows={3} spellCheck={false} autoComplete="off" />
    </div>
  );
  return (
    <details>
      <summary>Keys</summary>
      {key('privateKey', 'SSH: private key')}
      {key('ca', 'TLS: certificate of the authority')}
      {key('cert', 'TLS: certificate')}
      {key('key', 'TLS: private key')}
    </details>
  );
}

function keysOf(form: FormData) {
  const [privateKey, ca, cert, key] = ['privateKey', 'ca', 'cert', 'key'].map((name) => textOf(form, name));
  const tls = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  return { ...(privateKey === undefined ? {} : { ssh: { privateKey } }), ...(Object.keys(tls).length === 0 ? {} : { tls }) };
}

function AddHost() {
  return (
    <Action
      button="Add host"
      buttonClass="primary"
      title="Add a host"
      submit="Add"
      document={AddHostDocument}
      variables={({ form }) => ({
        input: { name: textOf(form, 'name') ?? '', endpoint: textOf(form, 'endpoint') ?? '', labels: pairsOf(form, 'labels'), ...keysOf(form) },
      })}
      resultOf={({ addHost }) => addHost.host}
      result={(host) => <Outcome {...host} />}
    >
      <HostFields />
      <Keys />
    </Action>
  );
}

function HostFields({ host }: { readonly host?: Host }) {
  return (
    <>
      <div className="field">
        <label htmlFor="host-name">Name</label>
        <input id="host-name" name="name" required autoComplete="off" spellCheck={false} defaultValue={host?.name} autoFocus />
      </div>
      <div className="field">
        <label htmlFor="host-endpoint">Endpoint</label>
        <input id="host-endpoint" name="endpoint" required autoComplete="off" spellCheck={false} defaultValue={host?.endpoint} />
        <span className="hint">unix:///run/docker.sock, tcp://host:2376 or ssh://user@host</span>
      </div>
      <div className="field">
        <label htmlFor="host-labels">Labels</label>
        <textarea id="host-labels" name="labels" rows={3} spellCheck={false} defaultValue={linesOf(host?.labels ?? [])} />
        <span className="hint">One key=value on each line.</span>
      </div>
    </>
  );
}

interface OfHost {
  readonly host: Host;
  readonly onOpenChange: (isOpen: boolean) => void;
}

function ChangeHost({ host, onOpenChange }: OfHost) {
  return (
    <Action
      button="Change"
      onOpenChange={onOpenChange}
      buttonClass="plain"
      title={`Change ${host.name}`}
      submit="Save"
      document={UpdateHostDocument}
      variables={({ form }) => {
        const [newName, endpoint] = [textOf(form, 'name'), textOf(form, 'endpoint')];
        const [isEnabled, labels] = [form.get('enabled') !== null, pairsOf(form, 'labels')];
        // What nobody changed here may have been changed elsewhere.
        return {
          input: {
            name: host.name,
            ...(isEnabled === (host.status !== 'DISABLED') ? {} : { enabled: isEnabled }),
            ...(linesOf(labels) === linesOf(host.labels) ? {} : { labels }),
            ...(newName === undefined || newName === host.name ? {} : { newName }),
            ...(endpoint === undefined || endpoint === host.endpoint ? {} : { endpoint }),
            ...keysOf(form),
          },
        };
      }}
      resultOf={({ updateHost }) => updateHost.host}
      result={(changed) => <Outcome {...changed} />}
    >
      <HostFields host={host} />
      <label className="check">
        <input type="checkbox" name="enabled" defaultChecked={host.status !== 'DISABLED'} /> It is watched
      </label>
      <Keys />
    </Action>
  );
}

function RemoveHost({ host, onOpenChange }: OfHost) {
  return (
    <Action
      button="Remove"
      onOpenChange={onOpenChange}
      buttonClass="plain"
      title={`Remove ${host.name}`}
      submit="Remove from Stowage"
      isDangerous
      document={RemoveHostDocument}
      variables={() => ({ input: { name: host.name } })}
      resultOf={({ removeHost }) => removeHost.removed}
      result={() => <p>{host.name} is not watched any more.</p>}
    >
      <p>What is known of it goes, the journal stays. Nothing is changed on the host itself.</p>
    </Action>
  );
}
