import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { present } from '../../../shared/domain/present.ts';
import { DEPLOYMENT, RESTRICTED_TAG } from '../app-settings.ts';
import { ROOT } from '../command.ts';
import { ACCOUNT, REGION, ROOT_KEY } from '../emulator.ts';
import { MARKER } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import { PICTURES_BUCKET, type World } from '../world.ts';
import { answerOf, s3Of } from './app-s3.ts';
import { until } from './until.ts';

const Bucket = PICTURES_BUCKET;
const CONTRACT = `restricted-${MARKER}`;
const [RESTRICTED, OTHER] = ['crm/restricted', 'crm/not-restricted'];
const ID = 'ticket-4712';

/**
 * The bucket has the policy of docs/stores/s3.md. The emulator evaluates it for the role of an application, with the tag
 * that the deployed worker writes.
 */
export async function restrictObject(world: World, board: Scoreboard): Promise<void> {
  const { emulator, people } = world;
  const [crm, operator] = [people.client('crm'), people.client('operator')];
  const entity = { type: 'contract', id: CONTRACT };
  const owner = new S3Client({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  const isTagged = async (): Promise<boolean> => {
    const { TagSet = [] } = await owner.send(new GetObjectTaggingCommand({ Bucket, Key: RESTRICTED }));
    return TagSet.some(({ Key, Value }) => Key === RESTRICTED_TAG && Value === 'true');
  };
  const app = await s3Of(emulator, {
    name: 'gallery',
    bucket: Bucket,
    actions: ['s3:GetObject*', 's3:PutObject', 's3:DeleteObjectTagging'],
  });
  const officer = await s3Of(emulator, {
    name: 'data-protection',
    bucket: Bucket,
    actions: ['s3:GetObject*'],
  });
  const read = (client: S3Client, Key: string, VersionId?: string): Promise<string> => {
    const asked = new GetObjectCommand({ Bucket, Key, ...present({ VersionId }) });
    return answerOf(client.send(asked).then(({ Body }) => Body?.transformToString()));
  };

  await board.scenario(
    'a restricted object can no longer be read with the role of its application',
    async () => {
      await owner.send(new PutBucketPolicyCommand({ Bucket, Policy: await documentedPolicy() }));
      const put = (Key: string) => app.send(new PutObjectCommand({ Bucket, Key, Body: MARKER }));
      const { VersionId } = await put(RESTRICTED);
      await put(OTHER);
      const holding = { store: 'pictures', locator: [RESTRICTED], categories: ['contract-data'] };
      const { results } = await crm.registerHoldings([
        { ...holding, purposes: ['contract'], entities: [entity] },
      ]);
      if (results[0]?.status !== 'accepted') throw new Error(`rejected: ${results[0]?.code}`);
      const before = await read(app, RESTRICTED);
      if (before !== 'done') throw new Error(`before the request, reading it was answered with ${before}`);

      const of = { ...entity, producer: 'crm' };
      await operator.fileRequest({ id: ID, kind: 'restrict', entity: of, jurisdiction: 'DE' });
      await become(isTagged, true);
      board.refused('the application reads a restricted object', await read(app, RESTRICTED), [
        'AccessDenied',
      ]);
      board.refused('it names the version', await read(app, RESTRICTED, VersionId), ['AccessDenied']);
      const lifting = app.send(new DeleteObjectTaggingCommand({ Bucket, Key: RESTRICTED }));
      board.refused('it removes the tag', await answerOf(lifting), ['AccessDenied']);
      for (const [what, answer] of [
        ['another object', await read(app, OTHER)],
        ['the restricted one with the role that the policy excepts', await read(officer, RESTRICTED)],
      ]) {
        if (answer !== 'done') throw new Error(`reading ${what} was answered with ${answer}`);
      }
      return 'IAM of the emulator denies it by the policy of docs/stores/s3.md';
    },
  );

  await board.scenario('it can be read again once the request is released', async () => {
    await operator.releaseRequest({ id: ID });
    await become(isTagged, false);
    const answer = await read(app, RESTRICTED);
    if (answer !== 'done') throw new Error(`it was answered with ${answer}`);
    return undefined;
  });
  for (const client of [owner, app, officer]) client.destroy();
}

async function become(read: () => Promise<boolean>, wanted: boolean): Promise<void> {
  const what = wanted ? 'the object has its tag' : 'the tag is gone';
  await until(what, read, (found) => found === wanted);
}

/** The policy that docs/stores/s3.md has users put on their bucket, with the names of this run. */
async function documentedPolicy(): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/stores/s3.md'), 'utf8');
  const [, policy] = /```json\n([\s\S]*?NobodyUsesWhatIsRestricted[\s\S]*?)```/.exec(page) ?? [];
  if (policy === undefined) throw new Error('docs/stores/s3.md has no policy for restricted objects');
  return policy
    .replaceAll('arn:aws:s3:::people/', `arn:aws:s3:::${Bucket}/`)
    .replaceAll('"production"', JSON.stringify(DEPLOYMENT))
    .replaceAll('111122223333', ACCOUNT);
}
