import { Action, textOf } from './action-dialog';
import { Age } from './ages';
import { Card } from './card';
import { Badge, Empty } from './feedback';
import { useMay } from './gateway-context';
import { useHeldRow } from './held-row';
import { HostSelect } from './host-choice';
import { OperationProgress } from './operation-progress';
import { RestoreVolumeDocument, SetBackupPolicyDocument, type BackupLineFragment, type VolumeDetailFragment as VolumeDetail } from './operations';
import { Table } from './table';
import { QuiesceChoice, quiesceOf, referenceOf } from './volume-actions';
import { counted, formatBytes } from './words';

/** What is kept of it elsewhere, and the way back. */
export function VolumeBackups({ volume }: { readonly volume: VolumeDetail }) {
  const { backups, backupPolicy } = volume;
  const { rows, hold } = useHeldRow(backups.nodes);
  const mayRestore = useMay('OPERATOR');
  const mayPlan = mayRestore && volume.state !== 'REMOVED';
  return (
    <Card title="Backups" aside={<span className="muted">{counted(backups.totalCount, 'backup')}</span>}>
      {(backupPolicy !== null || mayPlan) && (
        <p className="card-body muted policy">
          {backupPolicy !== null && (
            <span>
              By <code>{backupPolicy.cron}</code>, next <Age at={backupPolicy.nextRunAt} />
              {backupPolicy.declared && ', as the settings of the gateway have it'}
            </span>
          )}
          {mayPlan && backupPolicy?.declared !== true && <Policy volume={volume} />}
        </p>
      )}
      {rows.length === 0 ? (
        <Empty title="No backup yet" />
      ) : (
        <Table label="Backups" columns={['Made', 'Content', 'Stored', 'Files', 'Kind']} hasActions={mayRestore}>
          {rows.map((backup) => (
            <tr key={backup.id}>
              <th scope="row">
                <Age at={backup.createdAt} />
              </th>
              <td>{formatBytes(backup.contentBytes)}</td>
              <td>{formatBytes(backup.sizeBytes)}</td>
              <td>{backup.fileCount}</td>
              <td>
                <Badge tone={backup.consistent ? 'good' : 'warning'}>{backup.consistent ? 'consistent' : 'changed meanwhile'}</Badge>
                {backup.encrypted && <Badge tone="quiet">encrypted</Badge>}
              </td>
              {mayRestore && (
                <td>
                  <Restore volume={volume} backup={backup} onOpenChange={hold(backup)} />
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

/** What a policy keeps where nothing else is said, as the gateway has it. */
const USUAL = { cron: '0 3 * * *', quiesce: 'LIVE', keepLast: 7, keepDaily: 0, keepWeekly: 0 } as const;

/** More is refused. */
const MOST_KEPT = 1_000;

function Policy({ volume }: { readonly volume: VolumeDetail }) {
  const policy = volume.backupPolicy;
  const { cron, quiesce, keepLast, keepDaily, keepWeekly } = policy ?? USUAL;
  const numbers = [
    ['keepLast', 'Last ones', keepLast],
    ['keepDaily', 'Days, one of each', keepDaily],
    ['keepWeekly', 'Weeks, one of each', keepWeekly],
  ] as const;
  return (
    <Action
      button={policy === null ? 'Back up at set times' : 'Change when'}
      buttonClass="plain"
      title={`When ${volume.name} is backed up`}
      submit="Save"
      document={SetBackupPolicyDocument}
      variables={({ form }) => {
        const asked = textOf(form, 'cron');
        const kept = Object.fromEntries(numbers.map(([name]) => [name, Number(textOf(form, name) ?? 0)]));
        return { input: { volume: referenceOf(volume), quiesce: quiesceOf(form), ...kept, ...(asked === undefined ? {} : { cron: asked }) } };
      }}
      resultOf={({ setBackupPolicy }) => setBackupPolicy.policy}
      result={(saved) => (
        <p>
          {saved === null ? (
            'It is not backed up by itself any more.'
          ) : (
            <>
              Saved: the next is due <Age at={saved.nextRunAt} />
            </>
          )}
        </p>
      )}
    >
      <div className="field">
        <label htmlFor="policy-cron">When</label>
        <input id="policy-cron" name="cron" autoComplete="off" spellCheck={false} defaultValue={cron} autoFocus />
        <span className="hint">Five fields of cron, in UTC. Left empty, it is not backed up by itself.</span>
      </div>
      {numbers.map(([name, words, value]) => (
        <div className="field" key={name}>
          <label htmlFor={`policy-${name}`}>{words}</label>
          <input id={`policy-${name}`} name={name} type="number" min={0} max={MOST_KEPT} defaultValue={value} />
        </div>
      ))}
      <QuiesceChoice former={quiesce} />
    </Action>
  );
}

function Restore({
  volume,
  backup,
  onOpenChange,
}: {
  readonly volume: VolumeDetail;
  readonly backup: BackupLineFragment;
  readonly onOpenChange: (isOpen: boolean) => void;
}) {
  return (
    <Action
      button="Restore"
      onOpenChange={onOpenChange}
      buttonClass="plain"
      title={`Restore ${backup.volumeName}`}
      submit="Restore"
      document={RestoreVolumeDocument}
      variables={({ form, idempotencyKey }) => ({
        input: {
          backup: backup.id,
          host: textOf(form, 'host') ?? volume.host.name,
          name: textOf(form, 'name') ?? '',
          overwrite: form.get('overwrite') !== null,
          idempotencyKey,
        },
      })}
      resultOf={({ restoreVolume }) => restoreVolume.operation}
      result={(operation) => <OperationProgress operation={operation} />}
    >
      <HostSelect id="restore-host" name="host" label="On the host" first={volume.host.name} />
      <div className="field">
        <label htmlFor="restore-name">As the volume</label>
        <input id="restore-name" name="name" required autoComplete="off" spellCheck={false} defaultValue={`${backup.volumeName}-restored`} autoFocus />
      </div>
      <label className="check">
        <input type="checkbox" name="overwrite" /> In place of a volume of this name that no container refers to
      </label>
    </Action>
  );
}
