import { s3KeyProblem } from './s3-keys.ts';
import { prefixOf, prefixOverlap, s3CollectionProblem, s3DatasetProblem } from './s3-place.ts';
import { S3Options } from './s3-options.ts';
import type { StoreKind } from '../store-kind.ts';

const LISTS = ['s3:ListBucketVersions', 's3:ListBucketMultipartUploads'];
const LOCKS = ['s3:GetObjectRetention', 's3:GetObjectLegalHold'];
const READS = ['s3:GetObject', 's3:GetObjectVersion'];

/** Objects of one S3 bucket with all their versions, found by their keys. */
export const s3: StoreKind<S3Options> = {
  kind: 's3',
  options: S3Options,
  keyProblem: s3KeyProblem,
  collectionProblem: ({ prefix }, keys, by, where) => s3CollectionProblem(prefix, keys, by, where),
  datasetProblem: ({ prefix }, keys, dataset) => s3DatasetProblem(prefix, keys, dataset),
  readsAll: () => true,
  idColumn: (_keys, by) => by,
  overlapProblem: prefixOverlap,
  canCarry: (_keys, place) => prefixOf(place) !== undefined,
  capabilities: {
    versions: () => true,
    tellsAbsence: () => true,
    verbs: ({ restrict }) =>
      restrict === undefined ? ['delete', 'anonymise'] : ['delete', 'anonymise', 'restrict'],
    restrictOption: "restrict: { tag: 'tenure-restricted' }",
    markerField: () => undefined,
    nestedMasks: ({ format }) => format !== 'csv',
    surveys: ['account'],
    sortsRanges: false,
    joinsTables: false,
  },
  driver: { packages: ['@aws-sdk/client-s3'], leftOut: [] },
  login: 'role',
  loginProblem: () => undefined,
  permissions: {
    look: LISTS,
    delete: [
      ...LISTS,
      ...LOCKS,
      's3:GetBucketVersioning',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:AbortMultipartUpload',
      // A conditional delete by ETag needs this; nothing is read.
      's3:GetObject',
    ],
    anonymise: [
      ...LISTS,
      ...LOCKS,
      ...READS,
      's3:GetObjectTagging',
      's3:GetObjectVersionTagging',
      's3:PutObject',
      's3:PutObjectTagging',
      's3:DeleteObjectVersion',
      's3:AbortMultipartUpload',
    ],
    restrict: [...LISTS, 's3:GetObjectVersionTagging', 's3:PutObjectVersionTagging'],
    readBack: [...LISTS, ...READS],
    // The permission for the bucket of exports comes from that bucket.
    read: [...LISTS, ...READS],
    // Keys alone say it.
    idsOf: [],
    recovery: ['s3:GetReplicationConfiguration'],
  },
  // The bucket for lists and settings, and the objects with the prefix for everything else. Each action applies to one
  // of the two.
  resources: ({ bucket, prefix }, { partition }) => [
    `arn:${partition}:s3:::${bucket}`,
    `arn:${partition}:s3:::${bucket}/${prefix}*`,
  ],
  // As for `look`: a lane may list all keys of the bucket.
  listAccess: ({ bucket }, { partition }) => [
    { actions: LISTS, resources: [`arn:${partition}:s3:::${bucket}`] },
  ],
  rangeAccess: ({ bucket }, { partition }) => [
    { actions: LISTS, resources: [`arn:${partition}:s3:::${bucket}`] },
  ],
  surveyAccess: ({ bucket }, { partition }, requests) => [
    { actions: ['s3:ListBucketVersions'], resources: [`arn:${partition}:s3:::${bucket}`] },
    ...(requests.includes('account') ? [{ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }] : []),
  ],
  vendor: () => undefined,
  async open(parsed, tools) {
    const { openS3Store } = await import('./s3-store.ts');
    return openS3Store(parsed, tools);
  },
};
