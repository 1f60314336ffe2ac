import { Field, Int, ObjectType, type ClassType } from 'type-graphql';
import { PageInfo } from './common.js';
import { LifecycleEvent } from './events.js';
import { Finding } from './findings.js';
import { Container, Share, Volume, VolumeSize } from './inventory.js';
import { Backup, Operation } from './operations.js';

/** What every connection is made from. */
export interface PageOf<Item> {
  readonly nodes: readonly Item[];
  /** The cursor of the node at an index; only called when cursors are asked for. */
  readonly cursorOf: (index: number) => string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Counts the whole list; only called when totalCount is asked for. */
  readonly count: () => Promise<number>;
}

function makeEdge<Item extends object>(item: ClassType<Item>) {
  @ObjectType(`${item.name}Edge`, { simpleResolvers: true })
  class Edge {
    @Field(() => item)
    node!: Item;

    @Field(() => String)
    cursor!: string;
  }
  return Edge;
}

function makeConnection<Item extends object>(item: ClassType<Item>, options: { counted: boolean }) {
  const Edge = makeEdge(item);

  @ObjectType(`${item.name}Connection`, { simpleResolvers: true })
  class Connection {
    @Field(() => [item])
    readonly nodes: readonly Item[];

    constructor(private readonly page: PageOf<Item>) {
      this.nodes = page.nodes;
    }

    @Field(() => [Edge])
    edges(): { readonly node: Item; readonly cursor: string }[] {
      const { cursorOf } = this.page;
      return this.nodes.map((node, index) => ({
        node,
        get cursor() {
          return cursorOf(index);
        },
      }));
    }

    @Field(() => PageInfo)
    pageInfo(): PageInfo {
      const { hasNextPage, hasPreviousPage, cursorOf } = this.page;
      const last = this.nodes.length - 1;
      return {
        hasNextPage,
        hasPreviousPage,
        get startCursor() {
          return last < 0 ? null : cursorOf(0);
        },
        get endCursor() {
          return last < 0 ? null : cursorOf(last);
        },
      };
    }

    totalCount(): Promise<number> {
      return this.page.count();
    }
  }
  if (options.counted) {
    const descriptor = Object.getOwnPropertyDescriptor(Connection.prototype, 'totalCount') as PropertyDescriptor;
    Field(() => Int, { description: 'Counted only when asked for.' })(Connection.prototype, 'totalCount', descriptor);
  }
  return Connection;
}

export const VolumeConnection = makeConnection(Volume, { counted: true });
export type VolumeConnection = InstanceType<typeof VolumeConnection>;
export const ContainerConnection = makeConnection(Container, { counted: true });
export type ContainerConnection = InstanceType<typeof ContainerConnection>;
export const ShareConnection = makeConnection(Share, { counted: true });
export type ShareConnection = InstanceType<typeof ShareConnection>;
export const LifecycleEventConnection = makeConnection(LifecycleEvent, { counted: false });
export type LifecycleEventConnection = InstanceType<typeof LifecycleEventConnection>;
export const FindingConnection = makeConnection(Finding, { counted: true });
export type FindingConnection = InstanceType<typeof FindingConnection>;
export const OperationConnection = makeConnection(Operation, { counted: true });
export type OperationConnection = InstanceType<typeof OperationConnection>;
export const BackupConnection = makeConnection(Backup, { counted: true });
export type BackupConnection = InstanceType<typeof BackupConnection>;
export const VolumeSizeConnection = makeConnection(VolumeSize, { counted: false });
export type VolumeSizeConnection = InstanceType<typeof VolumeSizeConnection>;
