import {
  type DefaultRetention,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetObjectLockConfigurationCommand,
  type LifecycleRule,
  type ReplicationRule,
  type S3Client,
  type Transition,
} from '@aws-sdk/client-s3';
import { present } from '../../shared/domain/present.ts';
import type { S3Options } from '../../shared/stores/s3/s3-options.ts';
import { isAbout } from '../../shared/stores/s3/s3-recovery.ts';
import { textOf } from '../../shared/stores/store-failure.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

interface Question<Answer> {
  readonly ask: () => Promise<Answer>;
  /** S3's error if nothing is configured, which is also an answer. */
  readonly unset: string;
  readonly ifUnset?: readonly Finding[];
  readonly say: (answer: Answer) => readonly Finding[];
  /** For any other error. */
  readonly unread: (code: string) => Finding;
}

/** Checks the settings of a bucket that affect deleting and masking. Each is read with its own permission. */
export async function checkBucketSettings(
  client: S3Client,
  name: string,
  { bucket, owner, prefix, restrict }: S3Options,
  { laneKey, masked }: StoreReach,
): Promise<readonly Finding[]> {
  const at = { Bucket: bucket, ...present({ ExpectedBucketOwner: owner }) };
  const masks = masked.length > 0;
  const found = await Promise.all([
    answered({
      ask: () => client.send(new GetObjectLockConfigurationCommand(at)),
      unset: 'ObjectLockConfigurationNotFoundError',
      say: ({ ObjectLockConfiguration }) =>
        locks(ObjectLockConfiguration?.Rule?.DefaultRetention).map((message) => note(name, message)),
      unread: (code) =>
        note(
          name,
          `the Object Lock settings could not be read (${code}); this check needs s3:GetBucketObjectLockConfiguration`,
        ),
    }),
    answered({
      ask: () => client.send(new GetBucketEncryptionCommand(at)),
      unset: 'ServerSideEncryptionConfigurationNotFoundError',
      say: ({ ServerSideEncryptionConfiguration }) => {
        const keys = (ServerSideEncryptionConfiguration?.Rules ?? []).map(
          (rule) => rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
        );
        return laneKey === undefined && keys.some(isOfCustomer) ? [keyless(name, masks)] : [];
      },
      unread: (code) =>
        (masks && laneKey === undefined ? unknown : note)(
          name,
          `the encryption settings could not be read (${code}); this check needs s3:GetEncryptionConfiguration`,
        ),
    }),
    answered({
      ask: () => client.send(new GetBucketReplicationCommand(at)),
      unset: 'ReplicationConfigurationNotFoundError',
      say: ({ ReplicationConfiguration }) => {
        const rules = (ReplicationConfiguration?.Rules ?? []).filter((rule) => concerns(rule, prefix));
        const places = new Set(rules.map((rule) => rule.Destination?.Bucket?.split(':').at(-1) ?? '?'));
        return [...places].map((place) =>
          note(
            name,
            `objects are replicated to ${place}, and the copies there are neither deleted nor masked; configure that bucket as a store, too, or set \`backupDays\` to the number of days for which the copies are kept`,
          ),
        );
      },
      unread: (code) =>
        note(
          name,
          `the replication settings could not be read (${code}); this check needs s3:GetReplicationConfiguration`,
        ),
    }),
    answered({
      ask: () => client.send(new GetBucketLifecycleConfigurationCommand(at)),
      unset: 'NoSuchLifecycleConfiguration',
      say: ({ Rules = [] }) =>
        Rules.filter((rule) => concerns(rule, prefix))
          .flatMap((rule) => [...expires(rule), ...(masks ? archives(rule) : [])])
          .map((message) => note(name, message)),
      unread: (code) =>
        note(
          name,
          `the lifecycle rules could not be read (${code}); this check needs s3:GetLifecycleConfiguration`,
        ),
    }),
  ]);
  const marked = restrict === undefined ? [] : await checkPolicy(client, name, at, restrict.tag);
  return [...found.flat(), ...marked];
}

/** Only a note: policies of identities may deny it instead. */
function checkPolicy(
  client: S3Client,
  name: string,
  at: { readonly Bucket: string },
  tag: string,
): Promise<readonly Finding[]> {
  const nothing = note(
    name,
    `the policy of the bucket denies nothing by the tag ${tag}, so restricted objects can still be read; add the statements in docs/stores/s3.md`,
  );
  return answered({
    ask: () => client.send(new GetBucketPolicyCommand(at)),
    unset: 'NoSuchBucketPolicy',
    ifUnset: [nothing],
    say: ({ Policy = '' }) => (Policy.includes(`s3:ExistingObjectTag/${tag}"`) ? [] : [nothing]),
    unread: (code) =>
      note(
        name,
        `the policy of the bucket could not be read (${code}), so it is not known whether it denies reading restricted objects; this check needs s3:GetBucketPolicy`,
      ),
  });
}

async function answered<Answer>({
  ask,
  unset,
  ifUnset = [],
  say,
  unread,
}: Question<Answer>): Promise<readonly Finding[]> {
  try {
    return say(await ask());
  } catch (error) {
    const code = textOf(error, 'name') ?? 'unknown';
    return code === unset ? ifUnset : [unread(code)];
  }
}

/** Only a note, because data is usually kept for longer than it is locked. */
function locks(retention: DefaultRetention | undefined): string[] {
  const days = spanOf(retention);
  const after = spanOf(retention?.DefaultEventHold);
  return [
    ...(days === undefined
      ? []
      : [
          `every new version is locked for ${days} (${retention?.Mode?.toLowerCase()} mode); S3 refuses its disposal until then`,
        ]),
    ...(after === undefined
      ? []
      : [
          `every new version has an event hold; S3 refuses its disposal until ${after} after the release of the hold`,
        ]),
  ];
}

function spanOf({ Days, Years }: Pick<DefaultRetention, 'Days' | 'Years'> = {}): string | undefined {
  if (Days !== undefined) return Days === 1 ? '1 day' : `${Days} days`;
  if (Years === undefined) return undefined;
  return Years === 1 ? '1 year' : `${Years} years`;
}

/** The AWS managed key `aws/s3` needs no grant for principals that may read the object; other keys do. */
function isOfCustomer(key: string | undefined): boolean {
  return key !== undefined && !key.endsWith('alias/aws/s3');
}

function keyless(name: string, masks: boolean): Finding {
  return masks
    ? fails(
        name,
        'the bucket is encrypted with a customer-managed key; name it in `lane.key`, otherwise masking is denied (kms:Decrypt, kms:GenerateDataKey)',
      )
    : note(
        name,
        'the bucket is encrypted with a customer-managed key, which deleting does not need; name it in `lane.key` before a policy masks objects here',
      );
}

/** Whether a rule is enabled and may apply to objects of the store. */
function concerns(rule: LifecycleRule | ReplicationRule, prefix: string): boolean {
  return rule.Status === 'Enabled' && isAbout(rule, prefix);
}

function expires({ ID, Expiration }: LifecycleRule): string[] {
  const when = whenOf(Expiration);
  if (when === undefined) return [];
  return [
    `the lifecycle rule "${ID}" expires objects ${when}, even under a legal hold, and without an entry in the deletion log; remove it if a policy covers these objects`,
  ];
}

function archives({ ID, Transitions = [] }: LifecycleRule): string[] {
  const archive = Transitions.find(({ StorageClass = '' }) =>
    ['GLACIER', 'DEEP_ARCHIVE'].includes(StorageClass),
  );
  if (archive === undefined) return [];
  return [
    `the lifecycle rule "${ID}" archives objects ${whenOf(archive)}; archived objects can be deleted, but not masked`,
  ];
}

function whenOf({ Days, Date: date }: Pick<Transition, 'Days' | 'Date'> = {}): string | undefined {
  if (date !== undefined) return `on ${date.toISOString().slice(0, 10)}`;
  return Days === undefined ? undefined : `after ${spanOf({ Days })}`;
}
