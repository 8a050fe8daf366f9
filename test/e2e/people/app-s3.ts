import { S3Client } from '@aws-sdk/client-s3';
import { sessionOf } from '../aws-calls.ts';
import { ACCOUNT, type Emulator, REGION, ROOT_KEY } from '../emulator.ts';

interface AppS3 {
  /** Of its role. */
  readonly name: string;
  readonly bucket: string;
  readonly actions: readonly string[];
}

/** A session of a role that is allowed these actions on the bucket and on all of its objects. */
export async function s3Of(emulator: Emulator, { name, bucket, actions }: AppS3): Promise<S3Client> {
  const arn = `arn:aws:s3:::${bucket}`;
  const allows = [{ Action: actions, Resource: [arn, `${arn}/*`] }];
  const credentials = await sessionOf(emulator, ROOT_KEY, { account: ACCOUNT, name, allows });
  return new S3Client({ endpoint: emulator.endpoint, region: REGION, credentials });
}

/** `done`, or the name of the error. */
export function answerOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
  );
}
