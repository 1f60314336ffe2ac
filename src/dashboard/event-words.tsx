import { Link } from 'wouter';
import type { LiveEvent } from './live-feed';
import { EVENTS, OPERATION_KINDS, OPERATION_STATES, type Tone } from './words';

/** Address of a volume's page; with its id where another one may have the name by now. */
export function volumeAddress(host: string, name: string, id?: string): string {
  const path = `/volumes/${encodeURIComponent(host)}/${encodeURIComponent(name)}`;
  return id === undefined ? path : `${path}?id=${encodeURIComponent(id)}`;
}

/** How an event is shown: an operation's by what has become of it. */
export function eventTone({ type, operation }: Pick<LiveEvent, 'type' | 'operation'>): Tone {
  return operation === null || type !== 'OPERATION_CHANGED' ? EVENTS[type].tone : OPERATION_STATES[operation.state].tone;
}

export function eventTitle({ type, operation }: Pick<LiveEvent, 'type' | 'operation'>): string {
  if (operation === null || type !== 'OPERATION_CHANGED') return EVENTS[type].words;
  return `${OPERATION_KINDS[operation.kind]}: ${OPERATION_STATES[operation.state].words.toLowerCase()}`;
}

/** What an event is about: volume, container and host, as far as it names them. */
export function EventSubject({ event, withoutVolume = false }: { readonly event: LiveEvent; readonly withoutVolume?: boolean }) {
  const { hostName, volumeName, containerName, volume, actor } = event;
  return (
    <span className="event-subject">
      {volumeName !== null && !withoutVolume && (
        <span className="event-volume">
          {hostName === null ? volumeName : <Link href={volumeAddress(hostName, volumeName, event.type === 'VOLUME_REMOVED' ? volume?.id : undefined)}>{volumeName}</Link>}
        </span>
      )}
      {containerName !== null && <span className="muted"> {volumeName === null && !withoutVolume ? containerName : `by ${containerName}`}</span>}
      {hostName !== null && !withoutVolume && <span className="muted"> on {hostName}</span>}
      {actor !== null && <span className="muted"> · {actor}</span>}
    </span>
  );
}
