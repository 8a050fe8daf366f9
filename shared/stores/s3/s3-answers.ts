import type * as S3 from '@aws-sdk/client-s3';
import { present } from '../../domain/present.ts';
import type { Row } from '../alike-rows.ts';
import { type Fields, plainXml, type PlainXml } from '../plain-xml.ts';
import { decodedKey } from './s3-keys.ts';

/** What is used of the driver. It is loaded when a store of this kind is opened. */
type Sdk = Pick<
  typeof S3,
  | 'AbortMultipartUploadCommand'
  | 'CompleteMultipartUploadCommand'
  | 'CopyObjectCommand'
  | 'CreateMultipartUploadCommand'
  | 'DeleteObjectCommand'
  | 'DeleteObjectsCommand'
  | 'GetBucketReplicationCommand'
  | 'GetBucketVersioningCommand'
  | 'GetObjectCommand'
  | 'GetObjectLegalHoldCommand'
  | 'GetObjectRetentionCommand'
  | 'GetObjectTaggingCommand'
  | 'HeadObjectCommand'
  | 'ListBucketsCommand'
  | 'ListMultipartUploadsCommand'
  | 'ListObjectVersionsCommand'
  | 'PutObjectCommand'
  | 'PutObjectTaggingCommand'
  | 'S3Client'
  | 'UploadPartCommand'
>;

export interface S3Bucket {
  readonly sdk: Sdk;
  readonly client: S3.S3Client;
  /** Parameters of every request. */
  readonly place: { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
}

/** A version of an object, or a delete marker. Without versioning its id is `null`, and a rewrite replaces it. */
export interface ObjectVersion {
  readonly id: string;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
  readonly etag: string;
  readonly modified: number;
  readonly bytes: number;
}

export type KeyVersion = readonly [key: string | undefined, version: ObjectVersion];

/** One page of a list, of every key. */
export type VersionsAnswer = Pick<
  S3.ListObjectVersionsCommandOutput,
  'Prefix' | 'EncodingType' | 'IsTruncated' | 'NextKeyMarker' | 'NextVersionIdMarker'
> & { readonly versions: readonly KeyVersion[] };

type DeleteAnswer = Pick<S3.DeleteObjectsCommandOutput, 'Deleted' | 'Errors'>;

export async function sendListVersions(
  { sdk, client, place }: S3Bucket,
  input: Omit<S3.ListObjectVersionsCommandInput, 'Bucket'>,
  abortSignal: AbortSignal,
): Promise<VersionsAnswer> {
  const command = new sdk.ListObjectVersionsCommand({ ...place, EncodingType: 'url', ...input });
  const read = readPlainly(client, command, VERSIONS);
  const answer = await client.send(command, { abortSignal });
  return read() ?? versionsOf(answer);
}

/** Of an object: one version, or, without versioning, the content that has this ETag. */
export type ToDelete = { readonly key: string } & ({ readonly id: string } | { readonly etag: string });

/** Deletes up to a thousand versions. The answer names each of them. */
export async function sendDeleteObjects(
  { sdk, client, place }: S3Bucket,
  objects: readonly ToDelete[],
  abortSignal: AbortSignal,
): Promise<DeleteAnswer> {
  // The SDK is given none, and writes what belongs to any request: to write a thousand, it takes ten times as long.
  const command = new sdk.DeleteObjectsCommand({ ...place, Delete: { Objects: [], Quiet: false } });
  writePlainly(command, deleteBody(objects));
  const read = readPlainly(client, command, DELETED);
  const answer = await client.send(command, { abortSignal });
  return read() ?? answer;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** As the SDK writes it. */
function deleteBody(objects: readonly ToDelete[]): string {
  const rows = objects.map((one) => {
    const condition =
      'id' in one ? `<VersionId>${escaped(one.id)}</VersionId>` : `<ETag>${escaped(one.etag)}</ETag>`;
    return `<Object><Key>${escaped(one.key)}</Key>${condition}</Object>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="${NAMESPACE}">${rows.join('')}<Quiet>false</Quiet></Delete>`;
}

const MARKUP = /[&"'<>\r\n\u0085\u2028]/g;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** Text as it stands in an element. Spaces that a reader would change into others are written as numbers. */
function escaped(text: string): string {
  return text.replaceAll(
    MARKUP,
    (one) => NAMED.get(one) ?? `&#x${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')};`,
  );
}

/** The tags of a version, of which there may be none. */
export async function sendGetTags(
  { sdk, client, place }: S3Bucket,
  input: { readonly Key: string; readonly VersionId?: string },
  abortSignal: AbortSignal,
): Promise<readonly S3.Tag[]> {
  const { TagSet } = await client.send(new sdk.GetObjectTaggingCommand({ ...place, ...input }), {
    abortSignal,
  });
  // What is written again has these tags: an answer that is not about tags would take all of them away.
  if (TagSet === undefined) throw new Error('S3 answered without a set of tags');
  return TagSet;
}

function versionsOf(answer: S3.ListObjectVersionsCommandOutput): VersionsAnswer {
  const { Versions = [], DeleteMarkers = [], EncodingType } = answer;
  const of = (one: S3.ObjectVersion & S3.DeleteMarkerEntry, isMarker: boolean): KeyVersion => {
    const { Key, VersionId: id, IsLatest, LastModified, ETag: etag = '', Size: bytes = 0 } = one;
    if (Key === undefined || id === undefined) throw new Error('S3 listed a version without a key or an id');
    const modified = LastModified?.getTime() ?? 0;
    return [
      decodedKey(Key, EncodingType),
      { id, isMarker, isLatest: IsLatest === true, etag, modified, bytes },
    ];
  };
  const versions = [...Versions.map((one) => of(one, false)), ...DeleteMarkers.map((one) => of(one, true))];
  return { ...answer, versions };
}

const VERSION = ['Key', 'VersionId', 'IsLatest', 'LastModified', 'ETag', 'Size'];

const VERSIONS: Reading<VersionsAnswer> = {
  root: 'ListVersionsResult',
  fields: { Version: VERSION, DeleteMarker: VERSION },
  of: ({ texts, rows }) => {
    const IsTruncated = TRUTH.get(texts.get('IsTruncated') ?? '');
    const encoding = texts.get('EncodingType');
    if (IsTruncated === undefined || (encoding !== undefined && encoding !== 'url')) return undefined;
    const read = [
      ...(rows.get('Version') ?? []).map((row) => plainVersion(row, encoding)),
      ...(rows.get('DeleteMarker') ?? []).map((row) => plainVersion(row, encoding, true)),
    ];
    const versions = read.filter((version) => version !== undefined);
    if (versions.length < read.length) return undefined;
    return {
      IsTruncated,
      versions,
      ...present({
        EncodingType: encoding,
        Prefix: texts.get('Prefix'),
        NextKeyMarker: texts.get('NextKeyMarker'),
        NextVersionIdMarker: texts.get('NextVersionIdMarker'),
      }),
    };
  },
};

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const DIGITS = /^\d{1,15}$/;

/** `undefined` if something is missing, or is not what it has to be. */
function plainVersion(
  [key, id, latest = '', instant = '', ...content]: Row,
  encoding: string | undefined,
  isMarker = false,
): KeyVersion | undefined {
  const [etag, size = ''] = isMarker ? ['', '0'] : content;
  const isLatest = TRUTH.get(latest);
  const modified = INSTANT.test(instant) ? Date.parse(instant) : Number.NaN;
  if (key === undefined || id === undefined || isLatest === undefined || etag === undefined) return undefined;
  if (Number.isNaN(modified) || !DIGITS.test(size)) return undefined;
  return [decodedKey(key, encoding), { id, isMarker, isLatest, etag, modified, bytes: Number(size) }];
}

const DELETED: Reading<DeleteAnswer> = {
  root: 'DeleteResult',
  fields: { Deleted: ['Key', 'VersionId'], Error: ['Key', 'VersionId', 'Code'] },
  of: ({ rows }) => {
    const nameOf = ([Key, VersionId]: Row) => present({ Key, VersionId });
    return {
      Deleted: (rows.get('Deleted') ?? []).map(nameOf),
      Errors: (rows.get('Error') ?? []).map((row) => ({ ...nameOf(row), ...present({ Code: row[2] }) })),
    };
  },
};

/** A command of the SDK, before it is sent. */
interface Command {
  readonly middlewareStack: {
    addRelativeTo(middleware: Middleware, at: Place): void;
  };
}

type Middleware = <Args extends { readonly request: unknown }, Result extends { readonly response: unknown }>(
  next: (args: Args) => Promise<Result>,
) => (args: Args) => Promise<Result>;

interface Place {
  readonly name: string;
  readonly relation: 'after';
  readonly toMiddleware: string;
}

interface Reading<Of> {
  /** The answer's outermost element. */
  readonly root: string;
  readonly fields: Fields;
  /** `undefined` for what is not as expected: then the SDK reads it. */
  readonly of: (xml: PlainXml) => Of | undefined;
}

/**
 * Lets a command's answer be read without the SDK, which takes ten times as long for a list of a thousand. Answers what was
 * read, once the command has been sent. What is not exactly as expected is left to the SDK: above all errors.
 */
function readPlainly<Of>(
  client: S3.S3Client,
  command: Command,
  { root, fields, of }: Reading<Of>,
): () => Of | undefined {
  let read: Of | undefined;
  command.middlewareStack.addRelativeTo(
    (next) => async (args) => {
      read = undefined;
      const result = await next(args);
      const response = result.response as { readonly statusCode?: number; body?: unknown };
      if (response.statusCode !== 200 || response.body === undefined) return result;
      const bytes = await client.config.streamCollector(response.body);
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
      const xml = plainXml(text, root, fields);
      read = xml && of(xml);
      response.body = read === undefined ? bytes : Buffer.from(`<${root}></${root}>`);
      return result;
    },
    { name: 'readPlainly', relation: 'after', toMiddleware: 'deserializerMiddleware' },
  );
  return () => read;
}

/** Lets a command be sent with this text: as bytes, which are written to a connection faster. */
function writePlainly(command: Command, body: string): void {
  const bytes = Buffer.from(body);
  command.middlewareStack.addRelativeTo(
    (next) => (args) => {
      (args.request as { body?: unknown }).body = bytes;
      return next(args);
    },
    { name: 'writePlainly', relation: 'after', toMiddleware: 'serializerMiddleware' },
  );
}
