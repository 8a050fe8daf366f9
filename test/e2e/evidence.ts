import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { pagesOf } from '../../shared/client/client.ts';
import { present } from '../../shared/domain/present.ts';
import { finish } from './command.ts';
import { REGION, ROOT_KEY } from './emulator.ts';
import type { Contract } from './happenings.ts';
import { type LaneName, LANES, MARKER } from './records.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;

/** Log objects and the API must have each record once, and no personal data. */
export async function checkEvidence(
  world: World,
  board: Scoreboard,
  {
    gone,
    kept,
    killed,
  }: {
    readonly gone: readonly Contract[];
    readonly kept: readonly Contract[];
    /** In whose orders a worker was killed. */
    readonly killed: Contract;
  },
): Promise<void> {
  const auditor = world.people.client('auditor');
  const now = Date.now();
  const expected = (lane: LaneName): number =>
    gone.flatMap(({ records }) => records).filter((record) => record.lane === lane).length;

  await board.scenario('the log’s objects have one result for each record, and name no person', async () => {
    const log = await sealedLog(world);
    if (log.text.includes(MARKER)) throw new Error('an object names a person');
    for (const lane of LANES) {
      const results = log.entries.filter(({ store, outcome }) => store === lane && isResult(outcome));
      const holdings = new Set(results.map(({ holding }) => holding));
      if (results.length !== expected(lane) || holdings.size !== expected(lane)) {
        throw new Error(
          `${lane}: ${results.length} results of ${holdings.size} holdings, not ${expected(lane)}`,
        );
      }
    }
    return `${log.objects} objects, ${log.entries.length} entries`;
  });

  await board.scenario('the log says what the killed worker had begun', async () => {
    const { entries } = await sealedLog(world);
    const told = entries.filter((entry) => entry.store === 'orders' && entry.interrupted === true);
    const begun = killed.records.filter(({ lane }) => lane === 'orders');
    if (told.length < begun.length) throw new Error(`${told.length} entries, not ${begun.length}`);
    return `${told.length} entries are marked as interrupted`;
  });

  await board.scenario('the API tells an auditor the same, in sealed order', async () => {
    const period = { from: new Date(now - DAY).toISOString(), to: new Date(now + DAY).toISOString() };
    const log = await sealedLog(world);
    const told = new Map<number, Entry | NoteEntry>();
    let actions = 0;
    for await (const page of pagesOf((cursor) => auditor.queryLog({ ...period, ...cursor }))) {
      const asked = page.actions.map(({ index, action }) => ({ index, entry: action }));
      actions += page.actions.filter(({ action }) => action.did === 'replay').length;
      for (const { index, entry } of [...page.entries, ...asked]) {
        if (index === undefined) throw new Error('an entry is not sealed');
        if (told.has(index)) throw new Error('two entries have one place');
        told.set(index, entry);
      }
    }
    if (told.size !== log.entries.length)
      throw new Error(`${told.size} entries, and ${log.entries.length} in the objects`);
    for (const [index, entry] of log.entries.entries()) {
      if (!isDeepStrictEqual(told.get(index), entry)) throw new Error(`entry ${index} is another one`);
    }
    // An operator replayed a message from the quarantine.
    if (actions === 0) throw new Error('what the operator did is not in the log');
    return `${told.size} entries, ${actions} of them of operators`;
  });

  await board.scenario('the API explains each contract', async () => {
    for (const { id, records } of gone) {
      const entity = { type: 'contract', id, producer: 'crm' };
      const { holdings } = await auditor.querySubject({ entity });
      const disposed = holdings.filter(({ state }) => state === 'disposed').length;
      if (disposed !== records.length) throw new Error(`${disposed} of ${records.length} are disposed of`);
    }
    for (const { id, records } of kept) {
      const entity = { type: 'contract', id, producer: 'crm' };
      const { holdings } = await auditor.querySubject({ entity });
      const active = holdings.filter(({ state }) => state === 'active').length;
      if (active !== records.length) throw new Error(`${active} of ${records.length} are kept`);
      for (const record of records) {
        if (!(await world.records.isThere(record))) throw new Error(`${record.lane} lost a record`);
      }
    }
    return `${gone.length} disposed of, ${kept.length} kept`;
  });

  await board.scenario('no one can delete a locked version, not even the account’s owner', async () => {
    const client = ownersS3(world);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: world.logBucket, MaxKeys: 1 }));
    const Key = Contents?.[0]?.Key ?? '';
    const { VersionId } = await client.send(new GetObjectCommand({ Bucket: world.logBucket, Key }));
    const call = { Bucket: world.logBucket, Key, ...present({ VersionId }) };
    const answer = await client.send(new DeleteObjectCommand(call)).then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
    );
    board.refused('the owner deletes a locked version', answer, ['AccessDenied']);
    return undefined;
  });

  await board.scenario('the packaged command shows lanes and log to an auditor', async () => {
    const command = join(world.app, 'node_modules/.bin/tenure');
    const env = { ...world.people.environmentOf('auditor'), TENURE_URL: world.people.url };
    const lanes = await finish(command, ['lanes', '--json'], { cwd: world.app, env });
    if (lanes.code !== 0) throw new Error(`lanes ended with ${lanes.code}: ${lanes.err}`);
    const denied = await finish(command, ['pause'], { cwd: world.app, env });
    if (denied.code !== 3) throw new Error(`pause ended with ${denied.code}`);
    board.refused('the command pauses with the key of an auditor', denied.err.split(':')[0] ?? '', [
      'FORBIDDEN',
    ]);
    const list = await world.guide.run(10, { cwd: world.app, env });
    const deleted = list.split('\n').filter((line) => line.includes('deleted')).length;
    if (deleted === 0 || list.includes(MARKER)) throw new Error(`log list:\n${list}`);
    return `${deleted} lines of disposals`;
  });
}

function isResult(outcome: Entry['outcome']): boolean {
  return outcome === 'deleted' || outcome === 'already-so';
}

function ownersS3({ emulator }: World): S3Client {
  return new S3Client({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
}

/** All objects of the log, read without Tenure's code: their entries in the order of the keys, which has no gap. */
export async function sealedLog(world: World): Promise<{ objects: number; text: string; entries: Entry[] }> {
  const client = ownersS3(world);
  const Bucket = world.logBucket;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'entries/' }));
  const keys = Contents.map(({ Key = '' }) => Key).toSorted();
  const texts: string[] = [];
  const entries: Entry[] = [];
  for (const Key of keys) {
    const next = `entries/${String(entries.length).padStart(20, '0')}`;
    if (Key !== next) throw new Error(`the log has ${Key} where ${next} is next`);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    const text = (await Body?.transformToString()) ?? '';
    texts.push(text);
    for (const line of text.split('\n').filter(Boolean)) entries.push(JSON.parse(line) as Entry);
  }
  client.destroy();
  return { objects: keys.length, text: texts.join(''), entries };
}
