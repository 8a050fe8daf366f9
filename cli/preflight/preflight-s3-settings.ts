import {
  type DefaultRetention,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketReplicationCommand,
  GetObjectLockConfigurationCommand,
  type LifecycleRule,
  type ReplicationRule,
  type S3Client,
  type Transition,
} from '@aws-sdk/client-s3';
import { present } from '../../shared/domain/present.ts';
import type { S3Options } from '../../shared/stores/s3/s3-options.ts';
import { textOf } from '../../shared/stores/store-failure.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

interface Question<Answer> {
  readonly ask: () => Promise<Answer>;
  /** S3's error where nothing is set: an answer, too. */
  readonly unset: string;
  readonly say: (answer: Answer) => readonly Finding[];
  /** For another error, which is named. */
  readonly unread: (code: string) => Finding;
}

/** What is set on a bucket and bears on deleting, masking and being gone, each read with a permission of its own. */
export async function checkBucketSettings(
  client: S3Client,
  name: string,
  { bucket, owner, prefix }: S3Options,
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
          `whether new versions are locked could not be read: ${code} (s3:GetBucketObjectLockConfiguration)`,
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
          `which key encrypts the bucket could not be read: ${code} (s3:GetEncryptionConfiguration)`,
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
            `objects are replicated to ${place}: deleting and masking do not reach the copies there; make it a store, too, or set \`backupDays\` to the days they are kept`,
          ),
        );
      },
      unread: (code) =>
        note(
          name,
          `whether objects are replicated could not be read: ${code} (s3:GetReplicationConfiguration)`,
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
        note(name, `lifecycle rules could not be read: ${code} (s3:GetLifecycleConfiguration)`),
    }),
  ]);
  return found.flat();
}

async function answered<Answer>({ ask, unset, say, unread }: Question<Answer>): Promise<readonly Finding[]> {
  try {
    return say(await ask());
  } catch (error) {
    const code = textOf(error, 'name') ?? 'unknown';
    return code === unset ? [] : [unread(code)];
  }
}

/** Not a failure: data is usually kept for longer than it is locked. */
function locks(retention: DefaultRetention | undefined): string[] {
  const days = spanOf(retention);
  const after = spanOf(retention?.DefaultEventHold);
  return [
    ...(days === undefined
      ? []
      : [
          `every new version is locked for ${days} (${retention?.Mode?.toLowerCase()}): until that date its disposal is refused`,
        ]),
    ...(after === undefined
      ? []
      : [
          `every new version is under an event hold: until ${after} after its release its disposal is refused`,
        ]),
  ];
}

function spanOf({ Days, Years }: Pick<DefaultRetention, 'Days' | 'Years'> = {}): string | undefined {
  if (Days !== undefined) return Days === 1 ? '1 day' : `${Days} days`;
  if (Years === undefined) return undefined;
  return Years === 1 ? '1 year' : `${Years} years`;
}

/** The account's own `aws/s3` lets everybody in who may read the object; other keys ask for a grant. */
function isOfCustomer(key: string | undefined): boolean {
  return key !== undefined && !key.endsWith('alias/aws/s3');
}

function keyless(name: string, masks: boolean): Finding {
  return masks
    ? fails(
        name,
        'the bucket is encrypted with a key of its own; name it in `lane.key`, or masking is denied (kms:Decrypt, kms:GenerateDataKey)',
      )
    : note(
        name,
        'the bucket is encrypted with a key of its own, which deleting does not need; name it in `lane.key` before a policy masks here',
      );
}

/** Whether a rule is on and there may be objects of the store under it. */
function concerns({ Status, Prefix, Filter }: LifecycleRule | ReplicationRule, prefix: string): boolean {
  const scope = Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';
  return Status === 'Enabled' && (scope.startsWith(prefix) || prefix.startsWith(scope));
}

function expires({ ID, Expiration }: LifecycleRule): string[] {
  const when = whenOf(Expiration);
  if (when === undefined) return [];
  return [
    `the lifecycle rule "${ID}" lets objects expire ${when}, on hold or not, and leaves no evidence; take it out if data here has rules`,
  ];
}

function archives({ ID, Transitions = [] }: LifecycleRule): string[] {
  const archive = Transitions.find(({ StorageClass = '' }) =>
    ['GLACIER', 'DEEP_ARCHIVE'].includes(StorageClass),
  );
  if (archive === undefined) return [];
  return [
    `the lifecycle rule "${ID}" archives objects ${whenOf(archive)}: from then on they can be deleted, but not masked`,
  ];
}

function whenOf({ Days, Date: date }: Pick<Transition, 'Days' | 'Date'> = {}): string | undefined {
  if (date !== undefined) return `on ${date.toISOString().slice(0, 10)}`;
  return Days === undefined ? undefined : `after ${spanOf({ Days })}`;
}
