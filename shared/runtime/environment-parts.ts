import * as z from 'zod';

const name = z.string().min(1);
const arn = z.string().startsWith('arn:');
const url = z.url();

/** The registry's table, and whether it was restored from a backup and adopted. */
export const registryVariables = { TABLE_NAME: name, TABLE_ADOPTED: z.enum(['yes', 'no']) };

/** The key that wraps the data keys in the table. */
export const keyVariables = { KEY_ARN: arn };

export const logVariables = { LOG_BUCKET: name };

/** After how many days entries of the log are dropped. */
export const keepingVariables = { LOG_KEEP_DAYS: z.string().regex(/^(none|[1-9]\d{0,4})$/) };

/** `none`, or the days from which later keys sign, each with its key: `2027-01-01=arn:…`, with a space between them. */
const laterKeys = z.string().regex(/^none$|^\d{4}-\d\d-\d\d=arn:\S+( \d{4}-\d\d-\d\d=arn:\S+)*$/);

/** The key that signs the log's checkpoints, the name of the log in them, and the parameter with the public key. */
export const signingVariables = {
  LATER_SIGNING_KEYS: laterKeys,
  SIGNING_KEY_ARN: arn,
  LOG_ORIGIN: name,
  LOG_KEY_PARAMETER: name,
  /** `none`, or JSON: who cosigns the checkpoints, and how many have to. */
  LOG_WITNESSES: name,
};

/** Where copies for people are put together. */
export const exportVariables = { EXPORTS_BUCKET: name };

/** Where wake-ups are created, and where they are sent. */
export const timerVariables = {
  SCHEDULE_GROUP: name,
  SCHEDULER_ROLE_ARN: arn,
  SCHEDULE_DEAD_LETTER_ARN: arn,
  SWEEP_QUEUE_ARN: arn,
};

export const queueVariables = {
  ingest: { INGEST_QUEUE_URL: url },
  sweep: { SWEEP_QUEUE_URL: url },
  seal: { SEAL_QUEUE_URL: url },
};
