import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Scoreboard } from '../scoreboard.ts';
import { exportsBucketOf, PICTURES_BUCKET, type World } from '../world.ts';
import { answerOf, s3Of } from './app-s3.ts';

/**
 * An application may do everything in its own bucket, and so could have a copy made of an object there, or put what it has
 * read there. In the bucket of copies IAM denies it every call.
 */
export async function refuseApplications(
  world: World,
  board: Scoreboard,
  keys: readonly string[],
): Promise<string> {
  const Bucket = exportsBucketOf(world);
  const app = await s3Of(world.emulator, { name: 'scanner', bucket: PICTURES_BUCKET, actions: ['s3:*'] });
  const control = { Bucket: PICTURES_BUCKET, Key: 'crm/control' };
  const done = await answerOf(app.send(new PutObjectCommand({ ...control, Body: 'own' })));
  if (done !== 'done') throw new Error(`its own bucket answered ${done}`);
  const attempts = keys.flatMap((Key) => [
    { attempt: `reads ${Key}`, call: () => app.send(new GetObjectCommand({ Bucket, Key })) },
    {
      attempt: `copies ${Key} to its own bucket`,
      call: () => app.send(new CopyObjectCommand({ ...control, CopySource: `${Bucket}/${Key}` })),
    },
    {
      attempt: `replaces ${Key}`,
      call: () => app.send(new PutObjectCommand({ Bucket, Key, Body: 'other' })),
    },
    { attempt: `deletes ${Key}`, call: () => app.send(new DeleteObjectCommand({ Bucket, Key })) },
  ]);
  const all = [
    ...attempts,
    { attempt: 'lists the bucket', call: () => app.send(new ListObjectsV2Command({ Bucket })) },
    {
      attempt: 'writes a new piece',
      call: () => app.send(new PutObjectCommand({ Bucket, Key: 'pieces/pictures/any', Body: 'other' })),
    },
  ];
  for (const { attempt, call } of all)
    board.refused(`an application ${attempt}`, await answerOf(call()), ['AccessDenied']);
  app.destroy();
  return `${all.length} calls denied, of ${keys.length} objects`;
}
