import * as z from 'zod';
import { dayId } from '../shared/domain/calendar/utc-time.ts';
import { list, matching, strict, text, wrong } from '../shared/domain/configuration/authored-schema.ts';
import { WitnessSettings } from './witness-schema.ts';

const SUBNET = /^subnet-[0-9a-f]{8,17}$/;
const SECURITY_GROUP = /^sg-[0-9a-f]{8,17}$/;
const SECRET = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/;
const KEY = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;
const KEY_ARN = 'name the key by its ARN; IAM does not allow the use of a key by the ARN of an alias';
const TOPIC = /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const whole = (least: number, most: number, right: string) =>
  z
    .int({ error: wrong(right) })
    .min(least, { error: wrong(right) })
    .max(most, { error: wrong(right) });

function reserved(least: number) {
  const right = `write how many invocations may run at the same time, from ${least} to 1000`;
  return whole(least, 1000, right).optional();
}

function requests() {
  return whole(
    1,
    10_000,
    'write how many requests each route answers in a second, from 1 to 10000',
  ).optional();
}

const Network = strict('a network', {
  subnets: list(
    matching(SUBNET, 'name a subnet by its id, such as `subnet-0123456789abcdef0`'),
    'list private subnets by their ids',
  ).max(16, { error: 'too many; a Lambda function takes at most 16 subnets' }),
  securityGroups: list(
    matching(SECURITY_GROUP, 'name a security group by its id, such as `sg-0123456789abcdef0`'),
    'list security groups by their ids',
  ).max(5, { error: 'too many; a Lambda function takes at most 5 security groups' }),
});

/** How a lane logs in to its database. */
const Login = z.union(
  [
    strict('a login', {
      /** For RDS tokens: the resource id of the instance, cluster or proxy. */
      databaseId: matching(
        /^(db|cluster|prx)-[A-Za-z0-9]+$/,
        'name the database by its resource id, such as `db-ABCDEFGHIJKL01234`',
      ),
    }),
    strict('a login', {
      secret: matching(SECRET, 'name the secret by its ARN, without `*`'),
      /** For a secret that is encrypted with a customer-managed key. */
      key: matching(KEY, KEY_ARN).optional(),
    }),
  ],
  { error: wrong('write `{ databaseId: "db-…" }` for RDS tokens, or `{ secret: "arn:…" }`') },
);

/** What a store's lane needs to reach it. */
export const LaneSettings = strict("a store's lane", {
  network: Network.optional(),
  login: Login.optional(),
  /** The customer-managed key that encrypts the store's data. */
  key: matching(KEY, KEY_ARN).optional(),
  /** The most chunks that are disposed of at the same time: protects a live system. */
  concurrency: whole(
    1,
    1000,
    'write how many chunks may be disposed of at the same time, from 1 to 1000',
  ).optional(),
});
export type LaneSettings = z.infer<typeof LaneSettings>;

/** Reserved concurrency: always available to the function, and its maximum. Omitted: what the account has left. */
const Concurrency = strict('the concurrency', {
  api: reserved(1),
  // Lambda polls a queue with at least two invocations at a time.
  ingest: reserved(2),
  sweep: reserved(2),
  seal: reserved(2),
});

/** The most requests in a second, for each route of the API. */
const RequestsPerSecond = strict('the requests per second', {
  producers: requests(),
  people: requests(),
});

/** The part of `retention.config.ts` that is about AWS. */
export const DeploymentSettings = strict('the deployment', {
  name: matching(/^[a-z][a-z0-9-]{0,29}$/, 'write a name of at most 30 characters of a-z, 0-9 and -'),
  account: matching(/^\d{12}$/, 'write the 12-digit AWS account id'),
  region: matching(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'write a region such as `eu-central-1`'),
  deletionLog: strict('the deletion log', {
    /** `compliance`: the lock cannot be shortened, not even by the account's root user. */
    lock: z.enum(['governance', 'compliance'], { error: wrong('write `governance` or `compliance`') }),
    days: whole(1, 36_500, 'write the number of days for which an entry cannot be deleted, from 1 to 36500'),
    /** Entries are dropped after this number of days, the oldest first. Omitted: never. */
    keepDays: whole(
      60,
      36_500,
      'write the number of days after which entries are dropped, from 60 to 36500; a registry that is restored from a backup learns from the log what it has forgotten, and backups reach back 35 days',
    ).optional(),
    /** The days from which later keys sign, at midnight UTC. What is in the list stays there. */
    laterKeys: list(
      matching(/^\d{4}-\d\d-\d\d$/, 'write a day such as `2027-01-01`'),
      'list the days from which later keys sign',
    )
      .max(4, { error: 'too many; a log has at most 4 later keys' })
      .refine((days) => days.every((day, at) => isDay(day) && day > (days[at - 1] ?? '')), {
        error: 'write days that exist, the earlier ones first',
      })
      .optional(),
    /** The name of the log in its checkpoints. It cannot be changed once something is signed. */
    origin: matching(
      /^[a-z0-9][a-z0-9./-]{0,99}$/,
      'write a name of a-z, 0-9, dots, hyphens and slashes, such as `example.com/deletion-log`',
    ).optional(),
    witnesses: WitnessSettings.optional(),
  }),
  /** After a restore of the registry from a backup: see docs/runbooks/restore.md. */
  registry: strict('the registry', {
    adopt: matching(
      /^[A-Za-z0-9_.-]{3,255}$/,
      'name the table that the registry was restored into, without its ARN',
    ),
  }).optional(),
  /** The deployment's own logs, which hold no personal data. */
  logRetentionDays: whole(1, 3653, 'write the number of days for which logs are kept').optional(),
  alarms: z
    .union(
      [
        strict('alarms', { email: matching(EMAIL, 'write an e-mail address') }),
        strict('alarms', { topic: matching(TOPIC, 'name the SNS topic by its ARN') }),
      ],
      { error: wrong('write `{ email: "…" }` or `{ topic: "arn:…" }`') },
    )
    .optional(),
  concurrency: Concurrency.optional(),
  requestsPerSecond: RequestsPerSecond.optional(),
  /** Auditors that sign in with an OpenID provider instead of IAM. */
  auditorSignIn: strict('the sign-in of auditors', {
    issuer: z.url({ protocol: /^https$/, error: wrong('write the https URL of the issuer') }),
    audience: list(text('name a client id'), 'list the client ids that may sign in').max(50, {
      error: 'too many; API Gateway takes at most 50 client ids',
    }),
  }).optional(),
});
export type DeploymentSettings = z.infer<typeof DeploymentSettings>;

/** The name of the deletion log, which every checkpoint begins with. */
export function originOf({ name, deletionLog }: DeploymentSettings): string {
  return deletionLog.origin ?? `${name}/deletion-log`;
}

function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && dayId(at) === day;
}
