import { S3Error, type VersionedBucket } from './s3-bucket.ts';
import { identity, type S3Answer, type S3Request } from './s3-requests.ts';

export function readObject(
  bucket: VersionedBucket,
  key: string,
  { query, headers }: S3Request,
  withBody: boolean,
): S3Answer {
  const found = bucket.find(key, query.get('versionId') ?? undefined);
  const wanted = headers['if-match'];
  if (wanted !== undefined && wanted !== found.etag) throw new S3Error('PreconditionFailed', 412);
  const tags = [...new URLSearchParams(found.tagging)].length;
  const range = rangeOf(headers['range'], found.body.length);
  const body = range ? found.body.subarray(range.first, range.last + 1) : found.body;
  return {
    status: range ? 206 : 200,
    headers: {
      'content-type': 'binary/octet-stream',
      'accept-ranges': 'bytes',
      ...found.headers,
      ...overrides(query),
      ...identity(bucket, found),
      ETag: found.etag,
      'last-modified': new Date(found.modified).toUTCString(),
      'content-length': String(body.length),
      ...(range ? { 'content-range': `bytes ${range.first}-${range.last}/${found.body.length}` } : {}),
      ...(tags > 0 ? { 'x-amz-tagging-count': String(tags) } : {}),
    },
    ...(withBody ? { body } : {}),
  };
}

/** Of `bytes=0-99`, `bytes=100-` or `bytes=-100`. What is not such a range is ignored: RFC 9110, section 14.2. */
function rangeOf(
  header: string | undefined,
  length: number,
): { readonly first: number; readonly last: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first >= length) throw new S3Error('InvalidRange', 416);
  return { first, last };
}

/** Headers of the answer that the request's query asks for. */
function overrides(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query].flatMap(([name, value]) => {
      const [, header] =
        /^response-(content-(?:type|disposition|encoding|language)|cache-control|expires)$/.exec(name) ?? [];
      return header === undefined ? [] : [[header, value]];
    }),
  );
}
