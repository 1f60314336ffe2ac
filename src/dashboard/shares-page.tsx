import { useEffect, useMemo, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { CombinedError } from '@urql/core';
import { volumeAddress } from './event-words';
import { Badge, Empty, QueryState } from './feedback';
import { useGateway, useHostNames, useLiveEvents, useThrottled } from './gateway-context';
import { SharesDocument, type ShareFilter, type ShareRisk } from './operations';
import { shareGraph, type Share } from './share-graph';
import { ShareMap } from './share-map';
import { counted, formatCount, RISKS } from './words';

/** Shares of one page, and nodes beyond which no further page is drawn: more is a carpet and no map. */
const PAGE_SHARES = 100;
const MAX_NODES = 2_000;
/** Milliseconds between two readings of everything, however much changes. */
const READ_AGAIN_MS = 1_500;
/** Shares of the list that are drawn; the filters lead to the rest. */
const LISTED = 300;

/** Every risk that a share can have, so that "any of them" can be asked for. */
const ALL_RISKS = Object.keys(RISKS) as ShareRisk[];

/** Hosts, containers and what they share, as a picture and as a list. */
export function SharesPage() {
  const [address, setAddress] = useSearchParams();
  const filter = filterOf(address);
  const { shares, total, error, reload } = useShares(filter);
  const graph = useMemo(() => shareGraph(shares ?? []), [shares]);
  const selected = address.get('share') ?? undefined;
  const set = (part: string, value: string | undefined, replace = false) => {
    setAddress(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === undefined) after.delete(part);
        else after.set(part, value);
        return after;
      },
      { replace },
    );
  };
  const select = (id: string | undefined) => {
    set('share', id, true);
  };
  return (
    <div className="page map-page">
      <title>Share map · Stowage</title>
      <div className="page-head">
        <h1>Share map</h1>
        {total !== undefined && <span className="muted">{counted(total, 'share')}</span>}
      </div>
      <MapFilters address={address} onChange={set} />
      <QueryState query={{ data: shares, error, reload }} what="shares" />
      {shares?.length === 0 && (
        <div className="card">
          <Empty title="Nothing is shared like that">Storage that two or more containers reach shows here.</Empty>
        </div>
      )}
      {shares !== undefined && total !== undefined && shares.length < total && (
        <p className="note">
          {formatCount(shares.length)} of {formatCount(total)} shares are drawn. Choose a host or a risk to see the rest.
        </p>
      )}
      {shares !== undefined && shares.length > 0 && (
        <div className="map-columns">
          <section className="card map-card" aria-label="Picture">
            <ShareMap graph={graph} selected={selected} onSelect={select} />
            <Legend />
          </section>
          <section className="card map-list" aria-label="Shares">
            <ul>
              {shares.slice(0, LISTED).map((share) => (
                <ShareEntry key={share.id} share={share} isSelected={share.id === selected} onSelect={select} />
              ))}
            </ul>
          </section>
        </div>
      )}
    </div>
  );
}

function filterOf(address: URLSearchParams): ShareFilter {
  const host = address.get('host');
  return {
    ...(host === null ? {} : { hosts: [host] }),
    ...(address.get('crossHost') === 'true' ? { crossHost: true } : {}),
    ...(address.get('risky') === 'true' ? { risks: ALL_RISKS } : {}),
  };
}

function useShares(filter: ShareFilter) {
  const { client, pageOf } = useGateway();
  const [{ shares, total, error }, setState] = useState<{ shares?: readonly Share[]; total?: number; error?: CombinedError | undefined }>({});
  const [round, setRound] = useState(0);
  const key = JSON.stringify(filter);
  useEffect(() => {
    let isGone = false;
    const read = async () => {
      const all: Share[] = [];
      let after: string | null = null;
      for (;;) {
        const answer: Awaited<ReturnType<ReturnType<typeof ask>['toPromise']>> = await ask(after).toPromise();
        if (isGone) return;
        const { data, error: problem } = answer;
        if (data === undefined) {
          setState((before) => ({ ...before, error: problem }));
          return;
        }
        all.push(...data.shares.nodes);
        after = data.shares.pageInfo.endCursor;
        const isDrawn = nodesOf(all) >= MAX_NODES;
        if (!data.shares.pageInfo.hasNextPage || isDrawn) {
          setState({ shares: all, total: data.shares.totalCount });
          return;
        }
      }
    };
    const ask = (after: string | null) => client.query(SharesDocument, { filter, first: pageOf(PAGE_SHARES), after }, { requestPolicy: 'network-only' });
    void read();
    return () => {
      isGone = true;
    };
    // The key stands for the filter, which is another object each time.
  }, [client, pageOf, key, round]);
  const reload = useThrottled(() => {
    setRound((before) => before + 1);
  }, READ_AGAIN_MS);
  useLiveEvents({
    onEvents: (events) => {
      if (events.some(({ type }) => /^(SHARE|CONTAINER|HOST)_/.test(type))) reload();
    },
    onReload: reload,
  });
  return { shares, total, error, reload };
}

/** How many nodes a map of these shares has. */
function nodesOf(shares: readonly Share[]): number {
  return shares.length + new Set(shares.flatMap(({ mounts }) => mounts.map(({ container }) => container.id))).size;
}

function MapFilters({ address, onChange }: { readonly address: URLSearchParams; readonly onChange: (part: string, value: string | undefined) => void }) {
  const hosts = useHostNames();
  const check = (part: string, words: string) => (
    <label className="check">
      <input
        type="checkbox"
        checked={address.get(part) === 'true'}
        onChange={(event) => {
          onChange(part, event.target.checked ? 'true' : undefined);
        }}
      />
      {words}
    </label>
  );
  return (
    <div className="filters" role="search" aria-label="Shares">
      <label htmlFor="map-host" className="hidden-words">
        Host
      </label>
      <select
        id="map-host"
        value={address.get('host') ?? ''}
        onChange={(event) => {
          onChange('host', event.target.value === '' ? undefined : event.target.value);
        }}
      >
        <option value="">All hosts</option>
        {hosts?.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {check('risky', 'With risks')}
      {check('crossHost', 'Across hosts')}
    </div>
  );
}

function Legend() {
  return (
    <ul className="legend" aria-label="Signs">
      <li>
        <span className="sign container" /> Container
      </li>
      <li>
        <span className="sign storage" /> Shared storage
      </li>
      <li>
        <span className="sign over-hosts" /> Across hosts
      </li>
      <li>
        <span className="sign risky" /> With a risk
      </li>
      <li>
        <span className="sign writes" /> Writes
      </li>
      <li>
        <span className="sign reads" /> Reads
      </li>
    </ul>
  );
}

function ShareEntry({
  share,
  isSelected,
  onSelect,
}: {
  readonly share: Share;
  readonly isSelected: boolean;
  readonly onSelect: (id: string | undefined) => void;
}) {
  const { id, identity, hosts, volumes, writers, readers, risks, crossHost, mounts } = share;
  return (
    <li className={isSelected ? 'selected' : ''}>
      <button
        type="button"
        className="share-name"
        aria-expanded={isSelected}
        onClick={() => {
          onSelect(isSelected ? undefined : id);
        }}
      >
        <code>{identity}</code>
      </button>
      <div className="share-line">
        <span className="muted">{hosts.map(({ name }) => name).join(', ')}</span>
        {crossHost && <Badge tone="busy">Across hosts</Badge>}
        {risks.map((risk) => (
          <Badge key={risk} tone="warning">
            {RISKS[risk]}
          </Badge>
        ))}
      </div>
      <p className="muted">
        {counted(writers, 'writer')}, {counted(readers, 'reader')}
      </p>
      {isSelected && (
        <>
          <ul className="share-mounts">
            {mounts.map((mount) => (
              <li key={mount.id}>
                {crossHost && `${mount.container.host.name}/`}
                {mount.container.name} <code>{mount.destination}</code> <span className="muted">{mount.readOnly ? 'reads' : 'writes'}</span>
              </li>
            ))}
          </ul>
          {volumes.map((volume) => (
            <Link key={volume.id} href={volumeAddress(volume.host.name, volume.name)} className="concern-link">
              {volume.host.name}/{volume.name}
            </Link>
          ))}
        </>
      )}
    </li>
  );
}
