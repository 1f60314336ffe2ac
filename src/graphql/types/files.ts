import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageInfo } from './common.js';
import { BigIntScalar, DateTimeScalar } from './scalars.js';

export enum FileType {
  FILE = 'FILE',
  DIRECTORY = 'DIRECTORY',
  SYMLINK = 'SYMLINK',
  HARD_LINK = 'HARD_LINK',
  FIFO = 'FIFO',
  CHARACTER_DEVICE = 'CHARACTER_DEVICE',
  BLOCK_DEVICE = 'BLOCK_DEVICE',
}
registerEnumType(FileType, { name: 'FileType', valuesConfig: { HARD_LINK: { description: 'A further name of a file that was listed before.' } } });

@ObjectType({ simpleResolvers: true, description: 'Something in a directory of a volume.' })
export class File {
  @Field(() => String)
  name!: string;

  @Field(() => FileType)
  type!: keyof typeof FileType;

  @Field(() => BigIntScalar)
  sizeBytes!: bigint;

  @Field(() => Int, { description: 'Permissions with setuid, setgid and sticky bit, e.g. 420 for 0644.' })
  mode!: number;

  @Field(() => Int)
  uid!: number;

  @Field(() => Int)
  gid!: number;

  @Field(() => DateTimeScalar)
  modifiedAt!: Date;

  @Field(() => String, { nullable: true })
  linkTarget!: string | null;
}

@ObjectType({ simpleResolvers: true })
export class FileEdge {
  @Field(() => File)
  node!: File;

  @Field(() => String)
  cursor!: string;
}

@ObjectType({ simpleResolvers: true })
export class FileConnection {
  @Field(() => [File])
  readonly nodes: readonly File[];

  @Field(() => [FileEdge])
  readonly edges: readonly FileEdge[];

  @Field(() => PageInfo)
  readonly pageInfo: PageInfo;

  @Field(() => Boolean, { description: 'false: the reading came to its bound before the end of the directory.' })
  readonly complete: boolean;

  constructor(files: readonly (File & { readonly key: string })[], hasNextPage: boolean, hasPreviousPage: boolean, complete: boolean) {
    this.nodes = files;
    this.edges = files.map((node) => ({ node, cursor: Buffer.from(`f${node.key}`, 'latin1').toString('base64url') }));
    this.pageInfo = { hasNextPage, hasPreviousPage, startCursor: this.edges[0]?.cursor ?? null, endCursor: this.edges.at(-1)?.cursor ?? null };
    this.complete = complete;
  }
}
