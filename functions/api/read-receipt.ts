import { problem } from '../../shared/contract/problem.ts';
import { readReceipt as receiptIn } from '../../shared/domain/log/read-receipt.ts';
import { recordPath } from '../../shared/domain/log/make-receipt.ts';
import { faultOfReceipt, pageIn, type Receipt } from '../../shared/domain/log/receipt.ts';
import { unpackList } from '../../shared/domain/record/page-list.ts';
import { VOID } from '../../shared/domain/record/work.ts';
import { present } from '../../shared/domain/present.ts';
import type { ApiPorts, Operation } from './api-ports.ts';

/** The receipt of an entry, or of one record of its page, made from the signed log. */
export const readReceipt: Operation<'readReceipt'> = async (ports, { input: { index, record: ref } }) => {
  const { log } = ports;
  const read = await receiptIn((path) => log.read(path), index);
  if (!read.ok) {
    // A log without a checkpoint has no signed entries yet.
    const { code, path } = { path: '', ...read.fault };
    if (code === 'dropped') return { kind: 'problem', problem: problem('ENTRY_DROPPED', 'index') };
    const isYoung = code === 'not-signed' || (code === 'missing' && path === 'checkpoint');
    return {
      kind: 'problem',
      problem: isYoung ? problem('ENTRY_NOT_SIGNED', 'index') : problem('LOG_UNREADABLE'),
    };
  }
  const record = ref === undefined ? undefined : await recordOf(ports, read.receipt, ref);
  if (ref !== undefined && record === undefined)
    return { kind: 'problem', problem: problem('RECORD_NOT_IN_ENTRY', 'record') };
  const receipt = { ...read.receipt, ...present({ record }) };
  // What does not prove what it says is not given out.
  if (faultOfReceipt(receipt, read.checkpoint) !== undefined)
    return { kind: 'problem', problem: problem('LOG_UNREADABLE') };
  return { kind: 'answer', answer: receipt };
};

/** The list of the page lies in the result that the entry came from. */
async function recordOf(
  { registry }: Pick<ApiPorts, 'registry'>,
  { entry }: Receipt,
  ref: string,
): Promise<Receipt['record']> {
  const { token } = entry;
  const root = pageIn(entry)?.root;
  if (root === undefined || typeof token !== 'string') return undefined;
  const result = (await registry.results([token])).get(token);
  if (result === undefined || result === VOID) return undefined;
  const list = result.lists?.[root];
  return list === undefined ? undefined : recordPath(ref, unpackList(list));
}
