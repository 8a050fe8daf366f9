import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { pagesOf } from '../../shared/client/client.ts';
import { SOURCES } from './players.ts';
import { DAY, ended, goneAfter, isThere, recordsOf } from './records.ts';
import { given, type Run, stateOf, type Step } from './step.ts';

const MINUTE = 60_000;

export const DISPOSE_STEPS: readonly Step[] = [
  {
    name: 'disposal of what was due long ago',
    proves: 'grants, keys and drivers of both lanes work; every version of an object is gone',
    async work(run) {
      const id = `back-dated-${run.startedAt}`;
      await recordsOf(run, id);
      const sentAt = Date.now();
      await send(run, id, sentAt - DAY);
      const at = await goneAfter(run, id, sentAt);
      return `${seconds(at - sentAt)} after the event`;
    },
  },
  {
    name: 'wake-up at a minute',
    proves: 'EventBridge Scheduler fires for the minute, and nothing is early',
    async work(run) {
      const id = `timed-${run.startedAt}`;
      await recordsOf(run, id);
      const due = Math.ceil((Date.now() + (run.place.emulated ? 2 : 5) * MINUTE) / MINUTE) * MINUTE;
      await send(run, id, due);
      await sleep(due - Date.now() - 5000);
      if (!(await isThere(run, id)))
        throw new Error('the records were gone five seconds before they were due');
      const at = await goneAfter(run, id, due);
      if (at < due) throw new Error(`they were gone ${seconds(due - at)} early`);
      return `${seconds(at - due)} after they were due`;
    },
  },
  {
    name: 'an end that was undone',
    proves: 'what an application takes back is not disposed of',
    async work(run) {
      const id = `kept-${run.startedAt}`;
      await recordsOf(run, id);
      const crm = await given(run.found.people, 'the deployment').client('crm');
      const renewed = { ...ended(id, Date.now()), type: 'contract.renewed' };
      await crm.sendEvents([renewed, ended(id, Date.now() - MINUTE)]);
      const minutes = run.place.emulated ? 3 : 6;
      await sleep(minutes * MINUTE);
      if (!(await isThere(run, id))) throw new Error('the records are gone');
      return `the records are there ${minutes} minutes later`;
    },
  },
  {
    name: 'entries of the log',
    proves: 'each disposal is sealed, and an auditor reads it through the API',
    async work(run) {
      return `${await sealed(run)} entries`;
    },
  },
  {
    name: 'lock of the log',
    proves: 'not even the owner can delete or replace an entry',
    onlyInAws: 'the emulator’s CloudFormation sets no lock, and its owner is above the policies of buckets',
    async work(run) {
      const Bucket = stateOf(run)['DeletionLogBucket'];
      const { s3 } = run.clients;
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'entries/' }));
      const { Key, VersionId } = given(Versions[0], 'an object of the log');
      const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key, VersionId }));
      if (Retention?.Mode !== 'GOVERNANCE') throw new Error('the object is not locked');
      const attempts = [
        () => s3.send(new DeleteObjectCommand({ Bucket, Key })),
        () => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true })),
        () => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'forged' })),
      ];
      for (const attempt of attempts) {
        const answer = await attempt().then(
          () => 'accepted',
          (error: unknown) => (error instanceof Error ? error.name : String(error)),
        );
        if (!/AccessDenied/.test(answer))
          throw new Error(`an attempt to change the log was answered ${answer}`);
      }
      return `${attempts.length} attempts of the owner denied`;
    },
  },
];

/** All disposals of the run so far, once they are sealed. */
async function sealed(run: Run): Promise<number> {
  const until = Date.now() + 65 * MINUTE;
  for (;;) {
    const Bucket = stateOf(run)['DeletionLogBucket'];
    const { Versions = [] } = await run.clients.s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: 'entries/' }),
    );
    const length = await logLength(run);
    if (Versions.length > 0 && length >= 4) return length;
    if (Date.now() > until) throw new Error(`the log has ${length} entries in ${Versions.length} objects`);
    await sleep(5000);
  }
}

/** How many entries the API tells an auditor. */
export async function logLength(run: Run): Promise<number> {
  const auditor = await given(run.found.people, 'the deployment').client('auditor');
  const period = {
    from: new Date(run.startedAt).toISOString(),
    to: new Date(Date.now() + DAY).toISOString(),
  };
  let count = 0;
  for await (const page of pagesOf((cursor) => auditor.queryLog({ ...period, ...cursor })))
    count += page.entries.length;
  return count;
}

async function send(run: Run, id: string, due: number): Promise<void> {
  const people = given(run.found.people, 'the deployment');
  const answer = await people.putEvent('crm', SOURCES.crm, ended(id, due));
  if (answer !== 'accepted') throw new Error(`the bus answered ${answer}`);
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
