import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import type {
  Acted,
  Locator,
  Member,
  Presence,
  Promised,
  RangedRow,
  Read,
  ReadBack,
  Store,
  Target,
  ToRead,
} from '../../ports/store.ts';
import { present } from '../../domain/present.ts';
import { unhurriedLimits } from '../../domain/request-limits.ts';
import { answerEach, type Asked } from '../answer-each.ts';
import { clientConfig } from '../aws-client.ts';
import { deadline, eachParallel } from '../bounded-calls.ts';
import { type ListedRow, listPage, type Page, rangePage } from '../listing.ts';
import type { S3Bucket } from './s3-answers.ts';
import type { Declared } from './s3-content.ts';
import { copyObject, type Copying } from './s3-copy.ts';
import { prefixOfRange, rangeObjects } from './s3-dataset.ts';
import { deleteObjects } from './s3-delete.ts';
import { listPrefix } from './s3-collections.ts';
import { objectKey } from './s3-keys.ts';
import { isGone, versionOf } from './s3-listing.ts';
import { maskObject, showsMasked } from './s3-mask.ts';
import type { S3Options } from './s3-options.ts';
import { memberOf, prefixOf, s3CollectionProblem } from './s3-place.ts';
import { listObjects } from './s3-range.ts';
import { recoveryOf } from './s3-recovery.ts';
import { restrictObject, showsRestricted } from './s3-restrict.ts';
import { surveyBucket } from './s3-survey.ts';
import { actedFailure } from '../store-failure.ts';
import { isAboutRestriction, keyFor, type StoreTools, unsupported } from '../store-kind.ts';

/** How many objects are masked at a time. Each holds a part of 8 MiB and a record in memory. */
const PARALLEL_OBJECTS = 4;

/** A page of a list, which has 1,000 entries, tells with the one after these that the last of them has no other version. */
const BATCH = 999;

/** While S3 deletes one batch, the answer about another one is read. More of them would only be throttled earlier. */
const BATCHES_AT_ONCE = 2;

const WRONG = { state: 'unknown', code: 'STORE_SCHEMA' } as const;
const DENIED = { state: 'unknown', code: 'STORE_DENIED' } as const;

/** By name: a bundle has no more of the driver than this, and all of it is 140 commands. */
const sdk: S3Bucket['sdk'] = {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
};

export async function openS3Store(options: S3Options, tools: StoreTools): Promise<Store> {
  // Local engines do not resolve bucket names as hosts.
  const local = { forcePathStyle: tools.connection?.endpoint !== undefined };
  const client = new sdk.S3Client({ ...clientConfig(tools), ...local });
  // Without a logger, it still prepares what it would log: every object of each request and answer.
  client.middlewareStack.remove('loggerMiddleware');
  const { bucket: Bucket, owner, prefix, restrict, format, compression } = options;
  const place = { Bucket, ...present({ ExpectedBucketOwner: owner }) };
  const copies = tools.exports && {
    bucket: tools.exports.bucket,
    // S3 answers when everything is copied, so one request may take all of the time.
    client: new sdk.S3Client({
      ...clientConfig({ ...tools, region: tools.exports.region }),
      ...unhurriedLimits(tools.timeoutSeconds),
      ...local,
    }),
  };
  const own = { prefix, ...present({ restrict, format, compression, copies }) };
  return s3Store({ sdk, client, place }, own, tools);
}

type Own = Pick<S3Options, 'prefix' | 'restrict'> &
  Declared & { readonly copies?: Pick<Copying, 'bucket' | 'client'> };

function s3Store(at: S3Bucket, { prefix, restrict, copies, ...declared }: Own, tools: StoreTools): Store {
  const keyOf = (locator: Locator) => objectKey(tools.keys, prefix, locator);
  const targets = {
    keys: tools.keys,
    keyOf,
    locatorOf: ({ locator }: Target) => locator,
    detailOf: ({ version }: Target) => version ?? '',
    impossible: { outcome: 'already-so' } satisfies Acted,
    wrong: actedFailure('STORE_SCHEMA'),
  };

  const restricting = (signal: AbortSignal) => {
    if (restrict === undefined) throw unsupported('s3', 'restrict');
    return { at, tag: restrict.tag, signal };
  };

  return {
    batch: BATCH,
    atOnce: BATCHES_AT_ONCE,

    look(batch) {
      return answerEach<Locator, string, Presence>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: (locator) => locator,
        impossible: { state: 'gone' },
        wrong: WRONG,
        ask: async (asked) => {
          const listings = await listObjects(at, keysOf(asked), deadline(tools), 'found');
          return listings.map((listing) => {
            if ('code' in listing) return { state: 'unknown', code: listing.code };
            return isGone(listing) ? { state: 'gone' } : { state: 'present', version: versionOf(listing) };
          });
        },
      });
    },

    delete(batch) {
      const ask = (asked: Parameters<typeof deleteObjects>[1]) => deleteObjects(at, asked, deadline(tools));
      return answerEach<Target, string, Acted>(batch, { ...targets, ask });
    },

    anonymise(batch, masks) {
      return answerEach<Target, string, Acted>(batch, {
        ...targets,
        ask: async (asked) => {
          const signal = deadline(tools);
          const masking = { masks, pseudonymKey: await keyFor(masks, tools), declared };
          return eachParallel(asked, (one) => maskObject(at, one, masking, signal), PARALLEL_OBJECTS);
        },
      });
    },

    async restrict(batch, on) {
      const to = restricting(deadline(tools));
      return answerEach<Target, string, Acted>(batch, {
        ...targets,
        ask: (asked) => eachParallel(asked, (one) => restrictObject(to, one, on)),
      });
    },

    async readBack(batch) {
      return answerEach<Promised, string, ReadBack>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: ({ locator }) => locator,
        detailOf: ({ expect, masks }) => (masks === undefined ? expect : JSON.stringify([expect, masks])),
        impossible: { state: 'kept' },
        wrong: WRONG,
        ask: async (asked) => {
          const signal = deadline(tools);
          const isReading = asked.some(({ item }) => item.masks !== undefined);
          const ends = asked.filter(({ item }) => !isOfContent(item) && !isAboutRestriction(item.expect));
          const listings = await listObjects(at, keysOf(ends), signal, 'gone');
          const listed = new Map(ends.map((one, index) => [one.id, listings[index]]));
          return eachParallel(
            asked,
            async ({ id, item: { expect, masks }, key }) => {
              if (expect === 'masked' && masks !== undefined) {
                const masking = { masks, pseudonymKey: await keyFor(masks, tools), declared };
                return showsMasked(at, key, masking, signal);
              }
              if (isAboutRestriction(expect))
                return showsRestricted(restricting(signal), key, expect === 'restricted');
              const listing = listed.get(id);
              if (listing === undefined || 'code' in listing)
                return { state: 'unknown', code: listing?.code ?? 'STORE_ERROR' };
              return { state: isGone(listing) ? 'kept' : 'broken' };
            },
            isReading ? PARALLEL_OBJECTS : undefined,
          );
        },
      });
    },

    read(batch) {
      return answerEach<ToRead, string, Read>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: ({ locator }) => locator,
        detailOf: ({ into }) => into,
        impossible: { state: 'gone' },
        wrong: WRONG,
        ask: async (asked) => {
          if (copies === undefined) return asked.map(() => DENIED);
          const to = { ...copies, at, signal: deadline(tools) };
          return eachParallel(asked, ({ item, key }) => copyObject(to, key, item.into));
        },
      });
    },

    list(place, limit, after) {
      return listPage({ limit, after }, z.string(), async (begin): Promise<Page<string, ListedRow>> => {
        const of = prefixOf(place);
        if (of === undefined) return { rows: [] };
        const objects = { at, keys: tools.keys, own: prefix, prefix: prefix + of, signal: deadline(tools) };
        return listPrefix(objects, limit, begin);
      });
    },

    idsOf(batch, { by, where }) {
      const isUsable = s3CollectionProblem(prefix, tools.keys, by, where) === undefined;
      return answerEach<Locator, string, Member>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: (locator) => locator,
        impossible: { state: 'out' },
        wrong: WRONG,
        ask: async (asked) =>
          asked.map(({ key }) => (isUsable ? memberOf(by, key.slice(prefix.length)) : WRONG)),
      });
    },

    survey: (question) =>
      surveyBucket({ at, prefix, keys: tools.keys, region: tools.region, question, signal: deadline(tools) }),

    range(range, limit, after) {
      return rangePage({ limit, after }, z.string(), async (begin): Promise<Page<string, RangedRow>> => {
        const of = prefixOfRange(range);
        if (of === undefined) return { code: 'STORE_SCHEMA' };
        const objects = { at, keys: tools.keys, own: prefix, prefix: prefix + of, signal: deadline(tools) };
        return rangeObjects(objects, range, { limit, after: begin });
      });
    },

    recovery: () => recoveryOf(at, prefix, deadline(tools)),

    async close() {
      at.client.destroy();
      copies?.client.destroy();
    },
  };
}

function keysOf(asked: readonly Asked<unknown, string>[]): readonly string[] {
  return asked.map(({ key }) => key);
}

function isOfContent({ expect, masks }: Promised): boolean {
  return expect === 'masked' && masks !== undefined;
}
