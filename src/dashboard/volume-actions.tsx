import type { CombinedError } from '@urql/core';
import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Action, linesOf, pairsOf, textOf } from './action-dialog';
import { QueryFailure } from './feedback';
import { useGateway, useHostNames, useMay } from './gateway-context';
import { HostSelect } from './host-choice';
import { HostResults } from './host-results';
import { OperationProgress } from './operation-progress';
import {
  BackupVolumeDocument,
  CloneVolumeDocument,
  MigrateVolumeDocument,
  RemoveVolumesDocument,
  RenameVolumeDocument,
  UpdateVolumeDocument,
  type OperationLineFragment,
  type Quiesce,
  type VolumeDetailFragment as VolumeDetail,
} from './operations';

const QUIESCES: readonly (readonly [Quiesce, string])[] = [
  ['LIVE', 'Go on writing'],
  ['PAUSE', 'Are paused meanwhile'],
  ['STOP', 'Are stopped, and started again'],
];

const showOperation = (operation: OperationLineFragment): ReactNode => <OperationProgress operation={operation} />;
export const quiesceOf = (form: FormData): Quiesce => QUIESCES.find(([value]) => value === form.get('quiesce'))?.[0] ?? 'LIVE';

/** What may be done with a volume, for whom it is offered. */
export function VolumeActions({ volume }: { readonly volume: VolumeDetail }) {
  const mayChange = useMay('OPERATOR');
  if (!mayChange) return null;
  return (
    <div className="actions">
      {isThere(volume) && <Protection volume={volume} />}
      <BackUp volume={volume} />
      <Clone volume={volume} />
      <Rename volume={volume} />
      <Move volume={volume} />
      <Annotations volume={volume} />
      <Remove volume={volume} />
    </div>
  );
}

/** What is not there any more is offered nothing; but moving, renaming and removing end with that. */
const isThere = ({ state }: VolumeDetail) => state !== 'REMOVED';
export const referenceOf = ({ id, name, host }: VolumeDetail) => ({ id, name, host: host.name });

function Protection({ volume }: { readonly volume: VolumeDetail }) {
  const { client } = useGateway();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<CombinedError | undefined>();
  const change = () => {
    setIsBusy(true);
    void client
      .mutation(UpdateVolumeDocument, { input: { volume: referenceOf(volume), protected: !volume.protected } })
      .toPromise()
      .then((answer) => {
        setIsBusy(false);
        setError(answer.error);
      });
  };
  return (
    <>
      <button type="button" onClick={change} disabled={isBusy} aria-pressed={volume.protected}>
        {volume.protected ? 'End protection' : 'Protect'}
      </button>
      {error !== undefined && <QueryFailure error={error} />}
    </>
  );
}

export function QuiesceChoice({ former = 'LIVE' }: { readonly former?: Quiesce }) {
  return (
    <div className="field">
      <label htmlFor="quiesce">Containers that write to it</label>
      <select id="quiesce" name="quiesce" defaultValue={former}>
        {QUIESCES.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

function BackUp({ volume }: { readonly volume: VolumeDetail }) {
  return (
    <Action
      button="Back up"
      isOffered={isThere(volume)}
      title={`Back up ${volume.name}`}
      submit="Back up"
      document={BackupVolumeDocument}
      variables={({ form, idempotencyKey }) => ({ input: { volume: referenceOf(volume), quiesce: quiesceOf(form), idempotencyKey } })}
      resultOf={({ backupVolume }) => backupVolume.operation}
      result={showOperation}
    >
      <QuiesceChoice />
    </Action>
  );
}

function Clone({ volume }: { readonly volume: VolumeDetail }) {
  return (
    <Action
      button="Clone"
      isOffered={isThere(volume)}
      title={`Clone ${volume.name}`}
      submit="Clone"
      document={CloneVolumeDocument}
      variables={({ form, idempotencyKey }) => ({
        input: { source: referenceOf(volume), name: textOf(form, 'name') ?? '', quiesce: quiesceOf(form), idempotencyKey },
      })}
      resultOf={({ cloneVolume }) => cloneVolume.operation}
      result={showOperation}
    >
      <div className="field">
        <label htmlFor="clone-name">Name of the copy</label>
        <input id="clone-name" name="name" required autoComplete="off" spellCheck={false} defaultValue={`${volume.name}-copy`} autoFocus />
        <span className="hint">On the same host, {volume.host.name}.</span>
      </div>
      <QuiesceChoice />
    </Action>
  );
}

function Rename({ volume }: { readonly volume: VolumeDetail }) {
  return (
    <Action
      button="Rename"
      isOffered={isThere(volume)}
      title={`Rename ${volume.name}`}
      submit="Rename"
      document={RenameVolumeDocument}
      variables={({ form, idempotencyKey }) => ({ input: { volume: referenceOf(volume), newName: textOf(form, 'newName') ?? '', idempotencyKey } })}
      resultOf={({ renameVolume }) => renameVolume.operation}
      result={showOperation}
    >
      <div className="field">
        <label htmlFor="rename-name">New name</label>
        <input id="rename-name" name="newName" required autoComplete="off" spellCheck={false} defaultValue={volume.name} autoFocus />
        <span className="hint">An engine cannot rename: its content goes over to a new volume, and no container may refer to the old one.</span>
      </div>
    </Action>
  );
}

function Annotations({ volume }: { readonly volume: VolumeDetail }) {
  return (
    <Action
      button="Annotate"
      isOffered={isThere(volume)}
      title={`Annotations of ${volume.name}`}
      submit="Save"
      document={UpdateVolumeDocument}
      variables={({ form }) => ({ input: { volume: referenceOf(volume), annotations: pairsOf(form, 'annotations') } })}
      resultOf={({ updateVolume }) => updateVolume.volume}
      result={() => <p>Saved.</p>}
    >
      <div className="field">
        <label htmlFor="annotations">Annotations</label>
        <textarea id="annotations" name="annotations" rows={6} spellCheck={false} defaultValue={linesOf(volume.annotations)} autoFocus />
        <span className="hint">
          One key=value on each line, with a line break in it as in JSON: key="two\nlines". The gateway keeps them; these take the place of those that are
          there.
        </span>
      </div>
    </Action>
  );
}

function Move({ volume }: { readonly volume: VolumeDetail }) {
  const hosts = useHostNames();
  const hasOther = hosts?.some(({ name }) => name !== volume.host.name) === true;
  return (
    <Action
      button="Move"
      isOffered={isThere(volume) && hasOther}
      title={`Move ${volume.name}`}
      submit="Move"
      document={MigrateVolumeDocument}
      variables={({ form, idempotencyKey }) => {
        const name = textOf(form, 'name');
        return {
          input: {
            source: referenceOf(volume),
            toHost: textOf(form, 'toHost') ?? '',
            quiesce: quiesceOf(form),
            removeSource: form.get('removeSource') !== null,
            idempotencyKey,
            ...(name === undefined || name === volume.name ? {} : { name }),
          },
        };
      }}
      resultOf={({ migrateVolume }) => migrateVolume.operation}
      result={showOperation}
    >
      <HostSelect id="move-host" name="toHost" label="To the host" without={volume.host.name} />
      <div className="field">
        <label htmlFor="move-name">Its name there</label>
        <input id="move-name" name="name" autoComplete="off" spellCheck={false} defaultValue={volume.name} />
      </div>
      <QuiesceChoice />
      <label className="check">
        <input type="checkbox" name="removeSource" /> Remove it from {volume.host.name} once the copy is verified
      </label>
    </Action>
  );
}

function Remove({ volume }: { readonly volume: VolumeDetail }) {
  const [, navigate] = useLocation();
  return (
    <Action
      button="Remove"
      isOffered={isThere(volume)}
      buttonClass="danger"
      title={`Remove ${volume.name} from ${volume.host.name}`}
      submit="Remove for good"
      isDangerous
      document={RemoveVolumesDocument}
      variables={() => ({ input: { volumes: [referenceOf(volume)] } })}
      resultOf={({ removeVolumes }) => removeVolumes.results}
      result={(results) => (
        <>
          <HostResults results={results.map(({ host, name, error }) => ({ where: `${host.name}/${name}`, words: 'Removed', tone: 'good' as const, error }))} />
          <button
            type="button"
            onClick={() => {
              navigate('/volumes');
            }}
          >
            To all volumes
          </button>
        </>
      )}
    >
      <p>Its content goes with it{volume.backups.totalCount === 0 ? ', and there is no backup of it' : '; its backups stay'}.</p>
    </Action>
  );
}
