import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { AdapterError } from '../adapter-error.ts';
import { type AttributeValue, fromAttribute, toAttribute } from './attribute-values.ts';
import { type DynamoCall, DynamoRefusal, type Statement } from './dynamo-call.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';

/** One item, on what is stored now. */
export type ConditionalWrite =
  /** Where nothing is stored. */
  | { readonly kind: 'insert'; readonly item: StoredItem & ItemKey }
  /** Where its `r` is `version`; attributes that are not named stay as they are. */
  | {
      readonly kind: 'update';
      readonly key: ItemKey;
      readonly version: number;
      readonly set: StoredItem;
      readonly remove: readonly string[];
    };

interface Sending {
  readonly call: DynamoCall;
  readonly tableName: string;
  readonly batchGet: (keys: readonly ItemKey[]) => Promise<StoredItem[]>;
}

const MOST_ROUNDS = 6;
const FIRST_WAIT_MILLISECONDS = 25;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html */
const REFUSED: readonly string[] = ['ConditionalCheckFailed', 'DuplicateItem'];
const AGAIN: readonly string[] = [
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'TransactionConflict',
];
/** May have been carried out. */
const LOST = 'InternalServerError';

/**
 * At most 25 conditional writes in one `BatchExecuteStatement`: each is a statement with an answer of its own. What was
 * throttled is sent again with growing waits; any other failure throws once every statement is answered. A write that
 * was sent again after an answer was lost may find its own version: it is then read, and answered as written if the
 * item is as this write leaves it.
 */
export async function writeEach(sending: Sending, writes: readonly ConditionalWrite[]): Promise<boolean[]> {
  const { call, tableName } = sending;
  const answers = new Map<ConditionalWrite, boolean>();
  const mayBeOurs = new Set<ConditionalWrite>();
  const failures: string[] = [];
  let open = writes;
  for (let round = 0; open.length > 0; round += 1) {
    if (round > 0) await wait(Math.random() * FIRST_WAIT_MILLISECONDS * 2 ** round);
    const statements = open.map((write) => statementOf(tableName, write));
    const { body, resent } = await call('BatchExecuteStatement', { Statements: statements });
    const again: ConditionalWrite[] = [];
    for (const [index, write] of open.entries()) {
      const answer = body.Responses?.[index];
      const code = answer === undefined ? LOST : answer.Error?.Code;
      if (resent || code === LOST) mayBeOurs.add(write);
      if (code === undefined) answers.set(write, true);
      else if (REFUSED.includes(code)) answers.set(write, false);
      else if (code === LOST || AGAIN.includes(code)) again.push(write);
      else failures.push(code);
    }
    if (again.length > 0 && round === MOST_ROUNDS) throw throttled();
    open = again;
  }
  const [code] = failures;
  if (code !== undefined)
    throw new DynamoRefusal(code, { operation: 'a statement', status: 200, resent: mayBeOurs.size > 0 });
  const unsure = writes.filter((write) => answers.get(write) === false && mayBeOurs.has(write));
  for (const write of await writtenByUs(sending, unsure)) answers.set(write, true);
  return writes.map((write) => answers.get(write) === true);
}

async function writtenByUs(
  { batchGet }: Sending,
  unsure: readonly ConditionalWrite[],
): Promise<readonly ConditionalWrite[]> {
  if (unsure.length === 0) return [];
  const stored = await batchGet(unsure.map(keyOf));
  const byKey = new Map(stored.map((item) => [`${String(item['PK'])}\n${String(item['SK'])}`, item]));
  return unsure.filter((write) => {
    const { PK, SK } = keyOf(write);
    const item = byKey.get(`${PK}\n${SK}`);
    return item !== undefined && isAsWritten(item, write);
  });
}

function isAsWritten(item: StoredItem, write: ConditionalWrite): boolean {
  const set = write.kind === 'insert' ? write.item : write.set;
  const names = Object.keys(set).filter((name) => set[name] !== undefined);
  const isSet = names.every((name) => isDeepStrictEqual(item[name], fromAttribute(toAttribute(set[name]))));
  switch (write.kind) {
    case 'insert':
      return isSet && names.length === Object.keys(item).length;
    case 'update':
      return isSet && write.remove.every((name) => item[name] === undefined);
  }
}

function keyOf(write: ConditionalWrite): ItemKey {
  return write.kind === 'insert' ? write.item : write.key;
}

/**
 * PartiQL for DynamoDB has one clause for each attribute, and no parameter for a whole item.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html
 */
function statementOf(tableName: string, write: ConditionalWrite): Statement {
  const set = Object.entries(write.kind === 'insert' ? write.item : write.set).filter(
    ([, value]) => value !== undefined,
  );
  const Parameters: AttributeValue[] = set.map(([, value]) => toAttribute(value));
  switch (write.kind) {
    case 'insert': {
      const values = set.map(([name]) => `'${name}': ?`).join(', ');
      return { Statement: `INSERT INTO "${tableName}" VALUE {${values}}`, Parameters };
    }
    case 'update': {
      const clauses = [
        ...set.map(([name]) => `SET "${name}"=?`),
        ...write.remove.map((name) => `REMOVE "${name}"`),
      ].join(' ');
      Parameters.push({ S: write.key.PK }, { S: write.key.SK }, toAttribute(write.version));
      return {
        Statement: `UPDATE "${tableName}" ${clauses} WHERE "PK"=? AND "SK"=? AND "r"=?`,
        Parameters,
      };
    }
  }
}

function throttled(): AdapterError {
  return new AdapterError(
    'REGISTRY_UNPROCESSED',
    'The registry table refused conditional writes again and again: it is throttled. Some of them may be written. The message returns by itself; if this persists, look at the table’s throttling metrics.',
  );
}
