import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { AdapterError } from '../adapter-error.ts';
import { present } from '../../domain/present.ts';
import type { Entry, NoteEntry } from '../../domain/record/entry.ts';
import {
  type AttemptResult,
  isActionToken,
  isFactToken,
  isStatementToken,
  MOST_RESULT_BYTES,
  VOID,
} from '../../domain/record/work.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { invalid, part, stored, trusted } from './dynamo-item.ts';

const HOUR = 'YYYY-MM-DDTHH'.length;

const resultItem = z.object({ SK: part.text, b: part.bytes.optional(), x: z.literal(true).optional() });

const entry = z.custom<Entry>((value) => typeof value === 'object' && value !== null && 'outcome' in value);
const sealedLines = z.object({ year: z.int(), sealed: part.text });
const action = z.custom<NoteEntry>((value) => typeof value === 'object' && value !== null && 'did' in value);
const body = z.object({
  store: part.text,
  entries: z.array(entry),
  lines: z.array(sealedLines),
  actions: z.array(action).optional(),
  lists: z.record(part.text, part.text).optional(),
});

/**
 * A token begins with its hour: the results of one hour lie in one partition, what operators did in another, what facts did
 * in a third, and what was due in a fourth.
 */
export function resultKey(token: string): ItemKey {
  return { PK: `${familyOf(token)}#${token.slice(0, HOUR)}`, SK: token };
}

function familyOf(token: string): 'O' | 'V' | 'ST' | 'R' {
  if (isActionToken(token)) return 'O';
  if (isFactToken(token)) return 'V';
  return isStatementToken(token) ? 'ST' : 'R';
}

export function toResultItem(result: AttemptResult): StoredItem & ItemKey {
  const { token, store, entries, lines, actions, lists } = result;
  checkActions(result);
  const bytes = deflateRawSync(JSON.stringify({ store, entries, lines, actions, lists }));
  if (bytes.length > MOST_RESULT_BYTES) {
    throw new AdapterError(
      'ITEM_TOO_LARGE',
      `A result has ${bytes.length} bytes compressed, and may have ${MOST_RESULT_BYTES}. Work on fewer holdings at a time.`,
    );
  }
  return stored<{ b: Uint8Array }>(resultKey(token), { b: bytes });
}

/**
 * Who may write what operators asked for, what facts did, or what was due, must not be able to write what was disposed of;
 * and no one else may say what was due.
 */
function checkActions({ token, entries, lines, actions = [] }: Omit<AttemptResult, 'store'>): void {
  const isStatement = isStatementToken(token);
  if ((isActionToken(token) || isFactToken(token) || isStatement) && entries.length + lines.length > 0)
    throw invalid('result', 'entries (unexpected)');
  if (actions.some(({ did }) => (did === 'due-list' || did === 'statement') !== isStatement))
    throw invalid('result', 'actions (of another kind)');
}

export function toVoidItem(token: string): StoredItem & ItemKey {
  return stored<{ x: true }>(resultKey(token), { x: true });
}

export function fromResultItem(found: StoredItem): readonly [string, AttemptResult | typeof VOID] {
  const { SK: token, b: bytes, x: isVoid } = trusted('result', resultItem, found);
  if (isVoid === true) return [token, VOID];
  const parsed = body.safeParse(inflated(bytes));
  if (!parsed.success) {
    const paths = parsed.error.issues.map(({ path, code }) => `${path.join('.')} (${code})`);
    throw invalid('result', paths.join(', '));
  }
  const { store, entries, lines, actions, lists } = parsed.data;
  checkActions({ token, entries, lines, ...present({ actions }) });
  return [token, { token, store, entries, lines, ...present({ actions, lists }) }];
}

function inflated(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) throw invalid('result', 'b (missing)');
  try {
    return JSON.parse(inflateRawSync(bytes).toString());
  } catch {
    // Without the parser's message: it quotes what it read.
    throw invalid('result', 'b (not compressed JSON)');
  }
}
