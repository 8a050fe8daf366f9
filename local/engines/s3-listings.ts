import { inKeyOrder, type StoredVersion, type VersionedBucket } from './s3-bucket.ts';
import type { Xml, XmlElements } from './s3-xml.ts';

type Query = URLSearchParams;

const LARGEST_PAGE = 1000;

interface Row {
  readonly key: string;
  /** Orders rows of one key, and says where the next page begins. */
  readonly id: string;
  readonly element: string;
  readonly xml: XmlElements;
}

interface Page {
  readonly rows: readonly Row[];
  readonly isTruncated: boolean;
}

export function listVersions(bucket: VersionedBucket, query: Query): XmlElements {
  const marker = query.get('key-marker');
  const rows = objectsFrom(bucket, query, marker).flatMap(([key, versions]) =>
    versions.map(({ id, isMarker, etag, modified, body }, index): Row => {
      const common = {
        Key: encoded(key, query),
        VersionId: id,
        IsLatest: index === 0,
        LastModified: new Date(modified).toISOString(),
      };
      const content = { ETag: etag, Size: body.length, StorageClass: 'STANDARD' };
      return isMarker
        ? { key, id, element: 'DeleteMarker', xml: common }
        : { key, id, element: 'Version', xml: { ...common, ...content } };
    }),
  );
  const page = pageOf(folded(rows, query), query, 'max-keys', marker, query.get('version-id-marker'));
  return {
    ListVersionsResult: {
      ...echo(query),
      Delimiter: query.get('delimiter') ?? undefined,
      IsTruncated: page.isTruncated,
      ...next(page, query, 'NextKeyMarker', 'NextVersionIdMarker'),
      ...grouped(page.rows),
    },
  };
}

/** With a delimiter, everything below a prefix that ends with it is one row. */
function folded(rows: readonly Row[], query: Query): Row[] {
  const delimiter = query.get('delimiter');
  if (!delimiter) return [...rows];
  const start = (query.get('prefix') ?? '').length;
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const end = row.key.indexOf(delimiter, start);
    if (end < 0) return [row];
    const key = row.key.slice(0, end + delimiter.length);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ key, id: '', element: 'CommonPrefixes', xml: { Prefix: encoded(key, query) } }];
  });
}

export function listUploads(bucket: VersionedBucket, query: Query): XmlElements {
  const rows = sorted(
    Map.groupBy(bucket.uploads.values(), ({ key }) => key),
    query,
  ).flatMap(([key, uploads]) =>
    uploads.map(({ id, begun }): Row => {
      const xml = { Key: encoded(key, query), UploadId: id, Initiated: new Date(begun).toISOString() };
      return { key, id, element: 'Upload', xml };
    }),
  );
  const page = pageOf(rows, query, 'max-uploads', query.get('key-marker'), query.get('upload-id-marker'));
  return {
    ListMultipartUploadsResult: {
      ...echo(query),
      IsTruncated: page.isTruncated,
      ...next(page, query, 'NextKeyMarker', 'NextUploadIdMarker'),
      ...grouped(page.rows),
    },
  };
}

export function listObjects(bucket: VersionedBucket, query: Query): XmlElements {
  const marker = query.get('continuation-token') ?? query.get('start-after');
  const isThere = (key: string): boolean => bucket.current(key) !== undefined;
  const rows = objectsFrom(bucket, query, marker, isThere).flatMap(([key]): Row[] => {
    const current = bucket.current(key);
    if (!current) return [];
    const { etag, modified, body } = current;
    const xml = {
      Key: encoded(key, query),
      LastModified: new Date(modified).toISOString(),
      ETag: etag,
      Size: body.length,
    };
    return [{ key, id: '', element: 'Contents', xml }];
  });
  const page = pageOf(rows, query, 'max-keys', marker, null);
  const token = page.isTruncated ? page.rows.at(-1)?.key : undefined;
  return {
    ListBucketResult: {
      ...echo(query),
      KeyCount: page.rows.length,
      IsTruncated: page.isTruncated,
      NextContinuationToken: token,
      ...grouped(page.rows),
    },
  };
}

/** S3 orders keys by their UTF-8 bytes. */
function sorted<Value>(byKey: ReadonlyMap<string, Value>, query: Query): [string, Value][] {
  const prefix = query.get('prefix') ?? '';
  return [...byKey]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([one], [other]) => inKeyOrder(one, other));
}

/** Objects from a marker on, as far as a page can reach. With a delimiter, a page can reach to the end. */
function objectsFrom(
  bucket: VersionedBucket,
  query: Query,
  marker: string | null,
  isListed: (key: string) => boolean = () => true,
): readonly [string, readonly StoredVersion[]][] {
  const prefix = query.get('prefix') ?? '';
  const start = marker !== null && inKeyOrder(marker, prefix) > 0 ? marker : prefix;
  const keys = bucket.sortedKeys();
  // The marked one, and one that says that the page is not the last.
  const most = query.has('delimiter') ? Infinity : pageSize(query, 'max-keys') + 2;
  const found: [string, readonly StoredVersion[]][] = [];
  for (let index = firstAtLeast(keys, start); index < keys.length && found.length < most; index += 1) {
    const key = keys[index] ?? '';
    if (!key.startsWith(prefix)) break;
    const versions = bucket.objects.get(key);
    if (versions !== undefined && isListed(key)) found.push([key, versions]);
  }
  return found;
}

function firstAtLeast(keys: readonly string[], start: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (inKeyOrder(keys[middle] ?? '', start) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Goes on after `id` of `key`, or after all of `key`. */
function pageOf(
  rows: readonly Row[],
  query: Query,
  limit: string,
  key: string | null,
  id: string | null,
): Page {
  const marked = id ? rows.findIndex((row) => row.key === key && row.id === id) : -1;
  const left =
    marked >= 0 ? rows.slice(marked + 1) : rows.filter((row) => !key || inKeyOrder(row.key, key) > 0);
  const most = pageSize(query, limit);
  return { rows: left.slice(0, most), isTruncated: left.length > most };
}

function pageSize(query: Query, limit: string): number {
  return Math.min(Number(query.get(limit) ?? LARGEST_PAGE), LARGEST_PAGE);
}

function echo(query: Query): XmlElements {
  return {
    Prefix: encoded(query.get('prefix') ?? '', query),
    EncodingType: query.get('encoding-type') ?? undefined,
  };
}

function next(page: Page, query: Query, keyName: string, idName: string): XmlElements {
  const last = page.rows.at(-1);
  return page.isTruncated && last ? { [keyName]: encoded(last.key, query), [idName]: last.id } : {};
}

function grouped(rows: readonly Row[]): XmlElements {
  const groups: Record<string, Xml[]> = {};
  for (const { element, xml } of rows) (groups[element] ??= []).push(xml);
  return groups;
}

function encoded(key: string, query: Query): string {
  if (query.get('encoding-type') !== 'url') return key;
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}
