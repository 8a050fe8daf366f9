import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { ExistingRecord } from '../../examples/stories/existing-story.ts';
import type { StoryRecord } from '../../examples/stories/story.ts';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { each } from '../../shared/domain/each.ts';
import { present } from '../../shared/domain/present.ts';
import type { Engines } from '../engines/engines.ts';
import { REGION } from '../engines/queue-engine.ts';

/** Requests at the same time. */
const AT_ONCE = 16;

/** The applications' side of their buckets, which keep versions. */
export interface StoryObjects {
  write(store: StoreConfiguration, record: Pick<StoryRecord, 'key' | 'fields'>): Promise<void>;
  writeAll(store: StoreConfiguration, records: readonly ExistingRecord[]): Promise<void>;
  /**
   * What the key of each object says that has a version or a delete marker: the id where a prefix has `{id}`, or a column
   * of the key.
   */
  fieldsIn(store: StoreConfiguration, places: readonly string[]): Promise<readonly (string | null)[][]>;
  /** What is current, its tags, and how many versions there are; nothing when no version and no delete marker is left. */
  read(
    store: StoreConfiguration,
    record: StoryRecord,
  ): Promise<Readonly<Record<string, string | number>> | undefined>;
}

export async function openStoryObjects(
  stores: readonly StoreConfiguration[],
  { s3 }: Engines,
  cleanup: AsyncDisposableStack,
): Promise<StoryObjects> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new S3Client({ endpoint: s3.endpoint, forcePathStyle: true, region: REGION, credentials });
  cleanup.defer(async () => client.destroy());
  for (const { kind, options } of stores) {
    if (kind !== 's3') continue;
    const Bucket = String(options['bucket']);
    await client.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  const placeOf = ({ options }: StoreConfiguration, { key }: Pick<StoryRecord, 'key'>) => {
    return { Bucket: String(options['bucket']), Key: key.join('/') };
  };

  async function write(
    store: StoreConfiguration,
    record: Pick<StoryRecord, 'key' | 'fields'>,
  ): Promise<void> {
    const { contentType, ...versions } = record.fields;
    for (const body of Object.values(versions)) {
      await client.send(
        new PutObjectCommand({
          ...placeOf(store, record),
          Body: String(body),
          ContentType: String(contentType),
        }),
      );
    }
  }

  return {
    write,
    writeAll: (store, records) => each(records, AT_ONCE, (record) => write(store, record)),
    async fieldsIn({ options, keys: columns }, places) {
      const keys = new Set<string>();
      let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
      do {
        const page: ListObjectVersionsCommandOutput = await client.send(
          new ListObjectVersionsCommand({
            Bucket: String(options['bucket']),
            ...present({ KeyMarker, VersionIdMarker }),
          }),
        );
        for (const { Key } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
          keys.add(String(Key));
        [KeyMarker, VersionIdMarker] =
          page.IsTruncated === true ? [page.NextKeyMarker, page.NextVersionIdMarker] : [];
      } while (KeyMarker !== undefined);
      const at = places.map((place) =>
        place.includes('{id}')
          ? place.split('/').indexOf('{id}')
          : columns.findIndex(({ name }) => name === place),
      );
      return [...keys].map((key) => {
        const parts = key.split('/');
        return at.map((nth) => parts[nth] ?? null);
      });
    },
    async read(store, record) {
      const { Bucket, Key } = placeOf(store, record);
      const listed = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
      const versions = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])];
      if (versions.length === 0) return undefined;
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket, Key }));
      const tags = Object.fromEntries(TagSet.map((tag) => [String(tag.Key), String(tag.Value)]));
      return { ...tags, content: (await Body?.transformToString()) ?? '', versions: versions.length };
    },
  };
}
