import type { Case, Context, Who } from '../cases.ts';
import { type Cast, denied } from '../cast.ts';
import { ARCHIVE_KEY, pieceKey } from '../port-calls.ts';

/** How a request may not come. */
const UNSAFE: readonly (readonly [string, Context])[] = [
  ['without TLS', { 'aws:SecureTransport': 'false' }],
  ['over TLS 1.1', { 's3:TlsVersion': '1.1' }],
];

/** Copies for people are whole records: each role has the smallest part of them, and people get links. */
export function deniedExports(cast: Cast): readonly Case[] {
  const { roles, lanes, exportsBucket: bucket } = cast;
  const archive = `${bucket}/${ARCHIVE_KEY}`;
  const pieceOf = (store: string): string => `${bucket}/${pieceKey(store)}`;
  const piece = pieceOf(lanes[0]?.store ?? '');
  const on = (name: string, who: Who, asked: readonly [string, string?, Context?]): Case => {
    const [action, resource = archive, context = {}] = asked;
    return denied(name, who, { action: `s3:${action}`, resource, context });
  };
  const inside: readonly (readonly [string, Who])[] = [
    ...Object.entries(roles),
    ...lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  const outside: readonly (readonly [string, Who])[] = [
    ['an operator', cast.operator],
    ['an auditor', cast.auditor],
    ...cast.producers.map(({ name, who }) => [`the producer ${name}`, who] as const),
    ['a stranger', cast.stranger],
    ['someone without credentials', cast.anonymous],
  ];
  return [
    ...lanes.flatMap(({ store, who }) => [
      on(`the lane ${store} reads no piece, not even its own`, who, ['GetObject', pieceOf(store)]),
      on(`the lane ${store} reads no archive`, who, ['GetObject']),
      on(`the lane ${store} makes no archive`, who, ['PutObject']),
      on(`the lane ${store} writes nothing beside the pieces`, who, ['PutObject', `${bucket}/other`]),
      on(`the lane ${store} writes no piece of a store whose name begins like its own`, who, [
        'PutObject',
        pieceOf(`${store}-2`),
      ]),
      on(`the lane ${store} puts no tags on a piece`, who, ['PutObjectTagging', pieceOf(store)]),
      on(`the lane ${store} makes no piece public`, who, ['PutObjectAcl', pieceOf(store)]),
      on(`the lane ${store} does not look what there is`, who, ['ListBucket', bucket]),
      ...lanes
        .filter((other) => other.store !== store)
        .map((other) =>
          on(`the lane ${store} writes no piece of ${other.store}`, who, ['PutObject', pieceOf(other.store)]),
        ),
    ]),
    on('the sweep writes no piece', roles.sweep, ['PutObject', piece]),
    on('the sweep gives up no upload: the bucket does', roles.sweep, ['AbortMultipartUpload']),
    on('the sweep makes no archive public', roles.sweep, ['PutObjectAcl']),
    on('the sweep reads nothing beside pieces and archives', roles.sweep, ['GetObject', `${bucket}/other`]),
    on('the api reads no piece', roles.api, ['GetObject', piece]),
    on('the api makes no archive', roles.api, ['PutObject']),
    on('the api writes no piece', roles.api, ['PutObject', piece]),
    on('the api does not look what there is', roles.api, ['ListBucket', bucket]),
    ...(['ingest', 'seal'] as const).flatMap((name) => [
      on(`${name} reads no archive`, roles[name], ['GetObject']),
      on(`${name} reads no piece`, roles[name], ['GetObject', piece]),
      on(`${name} makes no archive`, roles[name], ['PutObject']),
    ]),
    ...inside.flatMap(([name, who]) => [
      on(`${name} deletes no archive: the bucket does`, who, ['DeleteObject']),
      on(`${name} deletes no piece: the bucket does`, who, ['DeleteObject', piece]),
      ...[
        'PutBucketPolicy',
        'DeleteBucketPolicy',
        'PutLifecycleConfiguration',
        'PutBucketPublicAccessBlock',
        'PutReplicationConfiguration',
        'PutEncryptionConfiguration',
        'DeleteBucket',
      ].map((action) => on(`${name} does not use ${action} on the bucket of exports`, who, [action, bucket])),
    ]),
    ...outside.flatMap(([name, who]) => [
      on(`${name} reads no archive from the bucket: the api gives links`, who, ['GetObject']),
      on(`${name} reads no piece`, who, ['GetObject', piece]),
      on(`${name} makes no archive`, who, ['PutObject']),
      on(`${name} does not look what exports there are`, who, ['ListBucket', bucket]),
    ]),
    ...UNSAFE.flatMap(([how, context]) => [
      on(`an administrator reads no archive ${how}`, cast.administrator, ['GetObject', archive, context]),
      on(`an administrator lists no exports ${how}`, cast.administrator, ['ListBucket', bucket, context]),
      on(`the sweep makes no archive ${how}`, roles.sweep, ['PutObject', archive, context]),
      on(`a link to an archive does not work ${how}`, roles.api, ['GetObject', archive, context]),
    ]),
  ];
}
