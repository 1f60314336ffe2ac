import { useState } from 'react';
import { Age } from './ages';
import { Card } from './card';
import { Empty, QueryState } from './feedback';
import { useGateway, useLiveQuery } from './gateway-context';
import { Icon } from './icons';
import { FilesDocument, type VolumeDetailFragment as VolumeDetail } from './operations';
import { Table } from './table';
import { formatBytes } from './words';

/** Entries of a directory that are shown at once. */
const SHOWN = 200;
const NOTHING_CONCERNS = () => false;

/** What lies in it. The engine is asked for each directory when somebody opens it. */
export function VolumeFiles({ volume: { id } }: { readonly volume: VolumeDetail }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Card
      title="Files"
      aside={
        !isOpen && (
          <button
            type="button"
            className="plain aside"
            onClick={() => {
              setIsOpen(true);
            }}
          >
            Look in
          </button>
        )
      }
    >
      {isOpen ? <Directory id={id} /> : <p className="card-body muted">The engine is asked when you look in.</p>}
    </Card>
  );
}

function Directory({ id }: { readonly id: string }) {
  const [path, setPath] = useState('/');
  const { pageOf } = useGateway();
  const query = useLiveQuery(FilesDocument, { id, path, first: pageOf(SHOWN) }, NOTHING_CONCERNS);
  const node = query.data?.node;
  const files = node !== undefined && node !== null && 'files' in node ? node.files : undefined;
  const parts = path.split('/').filter((part) => part !== '');
  return (
    <div className="files">
      <nav aria-label="Directory" className="crumbs card-body">
        <button
          type="button"
          className="link"
          onClick={() => {
            setPath('/');
          }}
        >
          root
        </button>
        {parts.map((part, index) => (
          <span key={`${String(index)} ${part}`}>
            <span aria-hidden="true"> / </span>
            <button
              type="button"
              className="link"
              onClick={() => {
                setPath(`/${parts.slice(0, index + 1).join('/')}`);
              }}
            >
              {part}
            </button>
          </span>
        ))}
      </nav>
      <QueryState query={query} what="the directory" />
      {files?.nodes.length === 0 && <Empty title="Nothing in here" />}
      {files !== undefined && files.nodes.length > 0 && (
        <Table label="Files" columns={['Name', 'Size', 'Mode', 'Owner', 'Changed']}>
          {files.nodes.map(({ name, type, sizeBytes, mode, uid, gid, modifiedAt, linkTarget }) => (
            <tr key={name}>
              <th scope="row">
                <span className="file-name">
                  <Icon name={type === 'DIRECTORY' ? 'folder' : 'file'} />
                  {type === 'DIRECTORY' ? (
                    <button
                      type="button"
                      className="link"
                      onClick={() => {
                        setPath(`${path === '/' ? '' : path}/${name}`);
                      }}
                    >
                      {name}
                    </button>
                  ) : (
                    name
                  )}
                  {linkTarget !== null && <span className="muted"> → {linkTarget}</span>}
                </span>
              </th>
              <td>{type === 'DIRECTORY' ? <span className="muted">–</span> : formatBytes(sizeBytes)}</td>
              <td>
                <code>{mode.toString(8).padStart(4, '0')}</code>
              </td>
              <td className="muted">
                {uid}:{gid}
              </td>
              <td className="muted">
                <Age at={modifiedAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {files !== undefined && (files.pageInfo.hasNextPage || !files.complete) && <p className="card-body muted">There is more in it than is shown.</p>}
    </div>
  );
}
