import type { Condition, StoredVersion, VersionedBucket, Written } from './s3-bucket.ts';
import type { XmlElements } from './s3-xml.ts';

export interface S3Request {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Another bucket of the engine, that an object is copied from. */
  bucketNamed(name: string): VersionedBucket;
}

export interface S3Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | XmlElements;
}

export type OnBucket = (bucket: VersionedBucket, request: S3Request) => S3Answer;
export type OnObject = (bucket: VersionedBucket, key: string, request: S3Request) => S3Answer;

export function conditionOf(headers: Readonly<Record<string, string>>): Condition {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

/** Buckets that never kept versions name none. */
export function identity({ versioning }: VersionedBucket, { id }: StoredVersion): Record<string, string> {
  return versioning === undefined ? {} : { 'x-amz-version-id': id };
}

const KEPT =
  /^(?:content-(?:type|disposition|encoding|language)|cache-control|expires|x-amz-(?:meta-.+|storage-class|server-side-encryption.*|website-redirect-location))$/;

export function writtenOf(headers: Readonly<Record<string, string>>): Written {
  const kept = Object.entries(headers).filter(([name]) => KEPT.test(name));
  return { headers: Object.fromEntries(kept), tagging: headers['x-amz-tagging'] ?? '' };
}
