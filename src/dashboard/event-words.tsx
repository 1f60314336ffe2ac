import { Link } from 'wouter';
import type { LiveEvent } from './live-feed';
import { EVENTS, OPERATION_KINDS, OPERATION_STATES, type Tone } from './words';
import type { OperationKind, OperationState } from './operations';

/** Address of a volume's page; with its id where another one may have the name by now. */
export function volumeAddress(host: string, name: string, id?: string): string {
  const path = `/volumes/${encodeURIComponent(host)}/${encodeURIComponent(name)}`;
  return id === undefined ? path : `${path}?id=${encodeURIComponent(id)}`;
}

type Told = Pick<LiveEvent, 'type' | 'attributes'>;

/** How an event is shown: an operation's by what had become of it then. */
export function eventTone(event: Told): Tone {
  const operation = operationIn(event);
  return operation === undefined ? EVENTS[event.type].tone : OPERATION_STATES[operation.state].tone;
}

/** What happened, in a few words. */
export function eventTitle(event: Told): string {
  const operation = operationIn(event);
  if (operation === undefined) return EVENTS[event.type].words;
  return `${OPERATION_KINDS[operation.kind]}: ${OPERATION_STATES[operation.state].words.toLowerCase()}`;
}

/** Kind and state of an operation, of an event that tells of one. */
function operationIn({ type, attributes }: Told): { kind: OperationKind; state: OperationState } | undefined {
  if (type !== 'OPERATION_CHANGED' || typeof attributes !== 'object' || attributes === null) return undefined;
  const { kind, state } = attributes as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Object.hasOwn(OPERATION_KINDS, kind) || typeof state !== 'string' || !Object.hasOwn(OPERATION_STATES, state))
    return undefined;
  return { kind: kind as OperationKind, state: state as OperationState };
}

/** What an event is about: volume, container and host, as far as it names them. */
export function EventSubject({ event, withoutVolume = false }: { readonly event: LiveEvent; readonly withoutVolume?: boolean }) {
  const { hostName, volumeName, containerName, volume, actor } = event;
  return (
    <span className="event-subject">
      {volumeName !== null && !withoutVolume && (
        <span className="event-volume">
          {hostName === null ? (
            volumeName
          ) : (
            <Link href={volumeAddress(hostName, volumeName, event.type === 'VOLUME_REMOVED' ? volume?.id : undefined)}>{volumeName}</Link>
          )}
        </span>
      )}
      {identityOf(event) !== undefined && volumeName === null && <code>{identityOf(event)}</code>}
      {containerName !== null && <span className="muted"> {volumeName === null && !withoutVolume ? containerName : `by ${containerName}`}</span>}
      {hostName !== null && !withoutVolume && <span className="muted"> on {hostName}</span>}
      {actor !== null && (
        <span className="muted">
          {withoutVolume && containerName === null ? '' : ' · '}by {actor}
        </span>
      )}
    </span>
  );
}

/** What is shared, of an event that tells of a share. */
function identityOf({ type, attributes }: Told): string | undefined {
  if (!type.startsWith('SHARE_') || typeof attributes !== 'object' || attributes === null || !('identity' in attributes)) return undefined;
  return typeof attributes.identity === 'string' ? attributes.identity : undefined;
}
