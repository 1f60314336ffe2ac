import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { Age } from './ages';
import { Card } from './card';
import { Badge, Empty, QueryState } from './feedback';
import { useGateway, useLiveQuery, useMay } from './gateway-context';
import { Icon } from './icons';
import type { LiveEvent } from './live-feed';
import { VolumeDocument, type ContainerState, type VolumeDetailFragment as VolumeDetail } from './operations';
import { Table } from './table';
import { VolumeActions } from './volume-actions';
import { VolumeBackups } from './volume-backups';
import { VolumeFiles } from './volume-files';
import { VolumeHistory } from './volume-history';
import { VolumeSize } from './volume-size';
import { counted, formatMoment, RISKS, VOLUME_STATES, type Tone } from './words';

const CONTAINER_TONES: Readonly<Record<ContainerState, Tone>> = {
  CREATED: 'quiet',
  DEAD: 'bad',
  EXITED: 'quiet',
  PAUSED: 'busy',
  REMOVED: 'quiet',
  REMOVING: 'quiet',
  RESTARTING: 'warning',
  RUNNING: 'good',
};

/** Measurements and backups that are shown: the newest. */
const SIZES = 300;
const BACKUPS = 50;

/** Everything of one volume. With an id in the address it is that one, also when another one has its name by now. */
export function VolumePage({ host, name }: { readonly host: string; readonly name: string }) {
  const [address] = useSearchParams();
  const { pageOf } = useGateway();
  const id = address.get('id');
  // What happens to containers of its host may change who mounts it; events of others name the volume. What works on no one host is a measurement.
  const concerns = (event: LiveEvent) =>
    (event.hostName === null && event.type === 'OPERATION_CHANGED') ||
    (event.hostName === host && (event.volumeName === null ? /^(CONTAINER|HOST|SHARE|OPERATION)_/.test(event.type) : event.volumeName === name));
  const query = useLiveQuery(VolumeDocument, { host, name, id: id ?? '', byId: id !== null, sizes: pageOf(SIZES), backups: pageOf(BACKUPS) }, concerns);
  const { data } = query;
  const node = data?.node;
  const found = id === null ? data?.volume : isVolume(node) ? node : null;
  return (
    <div className="page volume-page">
      <title>{`${name} on ${host} · Stowage`}</title>
      <nav aria-label="Where this is" className="crumbs">
        <Link href="/volumes">Volumes</Link> <span aria-hidden="true">/</span> <Link href={`/volumes?host=${encodeURIComponent(host)}`}>{host}</Link>
      </nav>
      {(found === null || found === undefined) && <h1>{name}</h1>}
      <QueryState query={query} what="the volume" />
      {data !== undefined && (found === null || found === undefined) && <Gone host={host} name={name} />}
      {found !== null && found !== undefined && <Volume volume={found} />}
    </div>
  );
}

/** An id may be that of something else: then there is none of a volume's fields. */
function isVolume(node: object | null | undefined): node is VolumeDetail {
  return node !== null && node !== undefined && 'mountpoint' in node;
}

function Gone({ host, name }: { readonly host: string; readonly name: string }) {
  return (
    <div className="card">
      <Empty title={`There is no volume ${name} on ${host}`}>
        <Link href={`/volumes?q=${encodeURIComponent(name)}`}>Look for it on all hosts</Link>
      </Empty>
    </div>
  );
}

function Volume({ volume }: { readonly volume: VolumeDetail }) {
  const mayRead = useMay('OPERATOR');
  const isThere = volume.state !== 'REMOVED';
  return (
    <>
      <div className="page-head">
        <h1>{volume.name}</h1>
        <Badge tone={VOLUME_STATES[volume.state].tone}>{VOLUME_STATES[volume.state].words}</Badge>
        {volume.protected && (
          <Badge tone="busy">
            <Icon name="lock" /> Protected
          </Badge>
        )}
        {volume.anonymous && <Badge tone="quiet">Anonymous</Badge>}
        <VolumeActions volume={volume} />
      </div>
      {volume.host.status !== 'ONLINE' && <p className="note">{volume.host.name} is not online: this is what was last known.</p>}
      {volume.removedAt !== null && <p className="note">Removed on {formatMoment(volume.removedAt)}. This is what was last known of it.</p>}
      <div className="volume-columns">
        <div className="volume-main">
          <Mounts volume={volume} />
          {volume.shares.length > 0 && <Shares volume={volume} />}
          <VolumeSize volume={volume} />
          {isThere && mayRead && <VolumeFiles volume={volume} />}
          <VolumeBackups volume={volume} />
        </div>
        <div className="volume-side">
          <Facts volume={volume} />
          <VolumeHistory volume={volume} />
        </div>
      </div>
    </>
  );
}

function Facts({ volume }: { readonly volume: VolumeDetail }) {
  const pairs = (entries: readonly { readonly key: string; readonly value: string }[]) =>
    entries.map(({ key, value }) => (value === '' ? key : `${key}=${value}`));
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Host', <Link href={`/volumes?host=${encodeURIComponent(volume.host.name)}`}>{volume.host.name}</Link>],
    ['Driver', `${volume.driver} (${volume.scope})`],
    ['Created', <Age at={volume.createdAt ?? volume.firstSeenAt} />],
    ['Last mounted', <Age at={volume.lastMountedAt} />],
    ...(volume.lastUsedBy === null ? [] : ([['By', volume.lastUsedBy]] as const)),
    ...(volume.composeProject === null ? [] : ([['Compose project', volume.composeProject]] as const)),
    ['Lies at', <code>{volume.mountpoint}</code>],
  ];
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['Labels', pairs(volume.labels)],
    ['Options', pairs(volume.options)],
    ['Annotations', pairs(volume.annotations)],
  ];
  return (
    <Card title="About it">
      <dl className="facts">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {lists
          .filter(([, values]) => values.length > 0)
          .map(([term, values]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>
                <ul className="tags">
                  {values.map((value) => (
                    <li key={value}>{value}</li>
                  ))}
                </ul>
              </dd>
            </div>
          ))}
      </dl>
    </Card>
  );
}

function Mounts({ volume }: { readonly volume: VolumeDetail }) {
  const { mounts } = volume;
  return (
    <Card title="Mounted by" aside={<span className="muted">{counted(mounts.length, 'mount')}</span>}>
      {mounts.length === 0 ? (
        <Empty title="No container mounts it" />
      ) : (
        <Table label="Mounts" columns={['Container', 'State', 'At', 'Access', 'Image']}>
          {mounts.map(({ id, container, destination, readOnly, origin }) => (
            <tr key={id}>
              <th scope="row">{container.name}</th>
              <td>
                <Badge tone={CONTAINER_TONES[container.state]}>{container.state.toLowerCase()}</Badge>
              </td>
              <td>
                <code>{destination}</code>
                {origin !== 'DECLARED' && <span className="muted"> {origin === 'VOLUMES_FROM' ? 'volumes-from' : 'anonymous'}</span>}
              </td>
              <td>{readOnly ? <span className="muted">read only</span> : 'read and write'}</td>
              <td className="muted">{container.image}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

function Shares({ volume }: { readonly volume: VolumeDetail }) {
  return (
    <Card title="Shared" aside={<Link href={`/map?host=${encodeURIComponent(volume.host.name)}`}>On the map</Link>}>
      <ul className="shares">
        {volume.shares.map((share) => (
          <li key={share.id}>
            <div className="share-line">
              <code>{share.identity}</code>
              {share.crossHost && <Badge tone="busy">{counted(share.hosts.length, 'host')}</Badge>}
              {share.risks.map((risk) => (
                <Badge key={risk} tone="warning">
                  {RISKS[risk]}
                </Badge>
              ))}
            </div>
            <p className="muted">
              {counted(share.writers, 'writer')}, {counted(share.readers, 'reader')}:{' '}
              {share.mounts
                .map(({ container, readOnly }) => `${share.crossHost ? `${container.host.name}/` : ''}${container.name}${readOnly ? ' (reads)' : ''}`)
                .join(', ')}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
