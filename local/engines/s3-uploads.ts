import { S3Error, type Upload, type VersionedBucket } from './s3-bucket.ts';
import { sourceOf } from './s3-copies.ts';
import { conditionOf, identity, type OnObject, type S3Request, writtenOf } from './s3-requests.ts';
import { elementsIn, textIn } from './s3-xml.ts';

/** Uploads in parts, by method and subresource. */
export const UPLOAD_OPERATIONS: Readonly<Record<string, OnObject>> = {
  'POST uploads': (bucket, key, { headers }) => {
    const { id } = bucket.begin(key, writtenOf(headers));
    return { body: { InitiateMultipartUploadResult: { Key: key, UploadId: id } } };
  },
  'PUT uploadId': (bucket, key, request) => {
    const { etag } = bucket.uploadPart(uploadOf(bucket, key, request), numberOf(request), request.body);
    return { headers: { ETag: etag } };
  },
  'PUT uploadId copy': (bucket, key, request) => {
    const upload = uploadOf(bucket, key, request);
    const source = sourceOf(request);
    const range = request.headers['x-amz-copy-source-range'];
    const body = range === undefined ? source.body : sliceOf(source.body, range);
    const { etag, modified } = bucket.uploadPart(upload, numberOf(request), body);
    return { body: { CopyPartResult: { ETag: etag, LastModified: new Date(modified).toISOString() } } };
  },
  'GET uploadId': (bucket, key, request) => {
    const { id, parts } = uploadOf(bucket, key, request);
    const after = Number(request.query.get('part-number-marker') ?? 0);
    const most = Math.min(Number(request.query.get('max-parts') ?? 1000), 1000);
    const left = [...parts].filter(([number]) => number > after).sort(([one], [other]) => one - other);
    const page = left.slice(0, most);
    return {
      body: {
        ListPartsResult: {
          Key: key,
          UploadId: id,
          PartNumberMarker: after,
          NextPartNumberMarker: page.at(-1)?.[0] ?? 0,
          MaxParts: most,
          IsTruncated: left.length > page.length,
          Part: page.map(([PartNumber, { body, etag, modified }]) => ({
            PartNumber,
            LastModified: new Date(modified).toISOString(),
            ETag: etag,
            Size: body.length,
          })),
        },
      },
    };
  },
  'POST uploadId': (bucket, key, request) => {
    const parts = elementsIn(request.body.toString(), 'Part').map((part) => ({
      number: Number(textIn(part, 'PartNumber')),
      etag: textIn(part, 'ETag') ?? '',
    }));
    const upload = uploadOf(bucket, key, request);
    const version = bucket.complete(upload, parts, conditionOf(request.headers));
    return {
      headers: identity(bucket, version),
      body: { CompleteMultipartUploadResult: { Key: key, ETag: version.etag } },
    };
  },
  'DELETE uploadId': (bucket, key, request) => {
    bucket.uploads.delete(uploadOf(bucket, key, request).id);
    return { status: 204 };
  },
};

function uploadOf(bucket: VersionedBucket, key: string, { query }: S3Request): Upload {
  return bucket.upload(key, query.get('uploadId') ?? '');
}

function numberOf({ query }: S3Request): number {
  return Number(query.get('partNumber'));
}

/** Only a whole range, inside an object of more than 5 MiB, can be copied. */
function sliceOf(body: Buffer, range: string): Buffer {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  const isInside = first !== '' && Number(first) <= Number(last) && Number(last) < body.length;
  if (!isInside) throw new S3Error('InvalidArgument', 400);
  if (body.length <= SMALLEST_SLICED) throw new S3Error('InvalidRequest', 400);
  return body.subarray(Number(first), Number(last) + 1);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
const SMALLEST_SLICED = 5 * 1024 * 1024;
