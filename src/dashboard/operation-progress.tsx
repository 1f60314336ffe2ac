import { stringifyDocument, type CombinedError } from '@urql/core';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { volumeAddress } from './event-words';
import { Badge, Failure, QueryFailure } from './feedback';
import { useGateway, useMay } from './gateway-context';
import { CancelOperationDocument, ProgressDocument, type OperationLineFragment, type ProgressSubscription } from './operations';
import { formatBytes, OPERATION_KINDS, OPERATION_STATES } from './words';

/** Whether nothing more becomes of an operation. */
export const isOver = ({ state }: Pick<OperationLineFragment, 'state'>): boolean => !['QUEUED', 'RUNNING'].includes(state);

/** An operation as it goes on, until it is over. */
export function useProgress(initial: OperationLineFragment): OperationLineFragment {
  const { socket } = useGateway();
  const [latest, setLatest] = useState(initial);
  const isFollowed = !isOver(initial);
  const { id } = initial;
  useEffect(() => {
    if (!isFollowed) return;
    return socket.subscribe<ProgressSubscription>(
      { query: stringifyDocument(ProgressDocument), variables: { id } },
      {
        next: ({ data }) => {
          if (data !== null && data !== undefined) setLatest(data.operation);
        },
        // What was shown last stays; the list of operations has the rest.
        error: () => undefined,
        complete: () => undefined,
      },
    );
  }, [socket, id, isFollowed]);
  // A list that was read again may know more than what was followed.
  return isOver(initial) || latest.id !== id ? initial : latest;
}

/** What an operation does, how far it is, and what became of it. */
export function OperationProgress({ operation }: { readonly operation: OperationLineFragment }) {
  const progress = useProgress(operation);
  const { kind, state, bytesDone, bytesTotal, error, warnings, source, target } = progress;
  const done = Number(bytesDone);
  const total = bytesTotal === null ? undefined : Number(bytesTotal);
  const mayCancel = useMay('OPERATOR') && !isOver(progress);
  return (
    <div className="operation">
      <div className="operation-line">
        <b>{OPERATION_KINDS[kind]}</b>
        <Badge tone={OPERATION_STATES[state].tone}>{OPERATION_STATES[state].words}</Badge>
        <span className="operation-what">
          {source !== null && <VolumeName {...source} />}
          {target !== null && (
            <>
              {source !== null && <span aria-label="to"> → </span>}
              <VolumeName {...target} />
            </>
          )}
        </span>
        {mayCancel && <Cancel id={progress.id} />}
      </div>
      {!isOver(progress) && (
        <progress
          aria-label={`${OPERATION_KINDS[kind]}: progress`}
          {...(total === undefined || total === 0 ? {} : { value: Math.min(done, total), max: total })}
        />
      )}
      {(done > 0 || total !== undefined) && (
        <p className="muted operation-bytes">
          {formatBytes(done)}
          {total !== undefined && ` of ${formatBytes(total)}`}
        </p>
      )}
      {error !== null && <Failure words={error.message} code={error.code} />}
      {warnings.map((warning) => (
        <p key={warning} className="note">
          {warning}
        </p>
      ))}
    </div>
  );
}

function VolumeName({ name, host }: { readonly name: string; readonly host: { readonly name: string } }) {
  return (
    <Link href={volumeAddress(host.name, name)}>
      {host.name}/{name}
    </Link>
  );
}

function Cancel({ id }: { readonly id: string }) {
  const { client } = useGateway();
  const [isAsked, setIsAsked] = useState(false);
  const [error, setError] = useState<CombinedError | undefined>();
  const cancel = () => {
    setIsAsked(true);
    void client
      .mutation(CancelOperationDocument, { id })
      .toPromise()
      .then(({ error: problem }) => {
        // Otherwise it ends, and the button with it.
        setIsAsked(problem === undefined);
        setError(problem);
      });
  };
  return (
    <>
      <button type="button" className="plain" onClick={cancel} disabled={isAsked}>
        {isAsked ? 'Canceling …' : 'Cancel'}
      </button>
      {error !== undefined && <QueryFailure error={error} />}
    </>
  );
}
