import { Action, textOf } from './action-dialog';
import { Age } from './ages';
import { Card } from './card';
import { Badge, Empty } from './feedback';
import { useLiveQuery, useMay } from './gateway-context';
import { OperationProgress } from './operation-progress';
import { HostNamesDocument, RestoreVolumeDocument, type BackupLineFragment, type VolumeDetailFragment as VolumeDetail } from './operations';
import { counted, formatBytes } from './words';

const NO_VARIABLES = {};

/** What is kept of it elsewhere, and the way back. */
export function VolumeBackups({ volume }: { readonly volume: VolumeDetail }) {
  const { backups, backupPolicy } = volume;
  const mayRestore = useMay('OPERATOR');
  return (
    <Card title="Backups" aside={<span className="muted">{counted(backups.totalCount, 'backup')}</span>}>
      {backupPolicy !== null && (
        <p className="card-body muted">
          By <code>{backupPolicy.cron}</code>, next <Age at={backupPolicy.nextRunAt} />.
        </p>
      )}
      {backups.nodes.length === 0 ? (
        <Empty title="No backup yet" />
      ) : (
        <div className="table-wrap" tabIndex={0} role="group" aria-label="Backups">
          <table>
            <thead>
              <tr>
                <th scope="col">Made</th>
                <th scope="col">Content</th>
                <th scope="col">Stored</th>
                <th scope="col">Files</th>
                <th scope="col">Kind</th>
                {mayRestore && (
                  <th scope="col">
                    <span className="hidden-words">What to do</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {backups.nodes.map((backup) => (
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
                      <Restore volume={volume} backup={backup} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Restore({ volume, backup }: { readonly volume: VolumeDetail; readonly backup: BackupLineFragment }) {
  const { data } = useLiveQuery(HostNamesDocument, NO_VARIABLES, ({ type }) => type.startsWith('HOST_'));
  return (
    <Action
      button="Restore"
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
      <div className="field">
        <label htmlFor="restore-host">On the host</label>
        <select id="restore-host" name="host" defaultValue={volume.host.name} key={data === undefined ? 'unread' : 'read'}>
          {(data?.hosts ?? [{ name: volume.host.name }]).map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
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
