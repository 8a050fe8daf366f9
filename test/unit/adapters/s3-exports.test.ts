import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { awsArchiveLinks } from '../../../shared/adapters/aws-ports.ts';
import { s3Exports } from '../../../shared/adapters/s3-exports.ts';

const UPLOAD = { key: 'archives/e-1.tar', id: 'u-1' };
const RANGE = { key: 'pieces/crm/e-1/t/1', from: 5, bytes: 10 };

function mocked() {
  const client = new S3Client({ region: 'eu-central-1' });
  return { mock: mockClient(client), exports: s3Exports(client, 'exports') };
}

/** An error as the SDK throws it. */
function s3Error(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

describe('exports in S3', () => {
  test('are completed with the checksum of every part, which S3 asks for', async () => {
    const { mock, exports } = mocked();
    mock
      .on(ListPartsCommand, { PartNumberMarker: undefined })
      .resolves({
        Parts: [{ PartNumber: 1, Size: 7, ETag: '"a"', ChecksumCRC32: 'AAAAAA==' }],
        IsTruncated: true,
        NextPartNumberMarker: '1',
      })
      .on(ListPartsCommand, { PartNumberMarker: '1' })
      .resolves({ Parts: [{ PartNumber: 2, Size: 8, ETag: '"b"' }], IsTruncated: false });
    mock.on(CompleteMultipartUploadCommand).resolves({});
    const parts = await exports.uploaded(UPLOAD);
    if (parts === undefined) throw new Error('no parts');
    expect(await exports.complete(UPLOAD, parts)).toBe('written');
    const [call] = mock.commandCalls(CompleteMultipartUploadCommand);
    expect(call?.args[0].input.MultipartUpload?.Parts).toEqual([
      { PartNumber: 1, ETag: '"a"', ChecksumCRC32: 'AAAAAA==' },
      { PartNumber: 2, ETag: '"b"' },
    ]);
  });

  test('are begun with a checksum, and with the digest of their manifest', async () => {
    const { mock, exports } = mocked();
    mock.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u-1' });
    expect(await exports.begin('archives/e-1.tar', 'abc')).toBe('u-1');
    expect(mock.commandCalls(CreateMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
      ChecksumAlgorithm: 'CRC32',
      Metadata: { 'manifest-sha256': 'abc' },
    });
    mock.on(CreateMultipartUploadCommand).resolves({});
    await expect(exports.begin('archives/e-1.tar', 'abc')).rejects.toThrow('without an id');
  });

  test('copy a range of a piece, whose key is escaped but for its slashes', async () => {
    const { mock, exports } = mocked();
    mock.on(UploadPartCopyCommand).resolves({});
    await exports.copyPart(UPLOAD, 3, { key: 'pieces/crm/e-1/a+b/1', from: 5, bytes: 10 });
    expect(mock.commandCalls(UploadPartCopyCommand)[0]?.args[0].input).toMatchObject({
      CopySource: 'exports/pieces/crm/e-1/a%2Bb/1',
      CopySourceRange: 'bytes=5-14',
      PartNumber: 3,
      UploadId: 'u-1',
    });
  });

  test('never take a refusal for something that is not there', async () => {
    const { mock, exports } = mocked();
    mock.onAnyCommand().rejects(s3Error('AccessDenied', 403));
    await expect(exports.readPiece(RANGE)).rejects.toThrow('AccessDenied');
    await expect(exports.uploaded(UPLOAD)).rejects.toThrow('AccessDenied');
    await expect(exports.putPart(UPLOAD, 1, new Uint8Array(1))).rejects.toThrow('AccessDenied');
    await expect(exports.copyPart(UPLOAD, 1, RANGE)).rejects.toThrow('AccessDenied');
    await expect(exports.complete(UPLOAD, new Map())).rejects.toThrow('AccessDenied');
    await expect(exports.archive(UPLOAD.key)).rejects.toThrow('AccessDenied');
  });

  test('tell apart what is not there', async () => {
    const { mock, exports } = mocked();
    mock.on(GetObjectCommand).rejects(s3Error('NoSuchKey', 404));
    mock.on(HeadObjectCommand).rejects(s3Error('NotFound', 404));
    mock.on(UploadPartCommand).rejects(s3Error('NoSuchUpload', 404));
    mock
      .on(UploadPartCopyCommand)
      .rejectsOnce(s3Error('NoSuchUpload', 404))
      .rejects(s3Error('NoSuchKey', 404));
    mock
      .on(CompleteMultipartUploadCommand)
      .rejectsOnce(s3Error('NoSuchUpload', 404))
      .rejects(s3Error('InvalidPart', 400));
    expect(await exports.readPiece(RANGE)).toBeUndefined();
    expect(await exports.archive(UPLOAD.key)).toBeUndefined();
    expect(await exports.putPart(UPLOAD, 1, new Uint8Array(1))).toBe('no-upload');
    expect(await exports.copyPart(UPLOAD, 1, RANGE)).toBe('no-upload');
    expect(await exports.copyPart(UPLOAD, 1, RANGE)).toBe('no-piece');
    expect(await exports.complete(UPLOAD, new Map())).toBe('no-upload');
    expect(await exports.complete(UPLOAD, new Map())).toBe('moved');
  });
});

test('links are signed with what Lambda puts into the environment', async () => {
  const links = awsArchiveLinks(
    { EXPORTS_BUCKET: 'exports-1' },
    {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session',
    },
  );
  const url = new URL(await links.link('archives/e-1.tar', 60, 'export.tar'));
  expect(url.host).toBe('exports-1.s3.eu-central-1.amazonaws.com');
  expect(url.searchParams.get('X-Amz-Security-Token')).toBe('session');
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIA\//);
});
