import { describe, expect, test } from 'vitest';
import { ERASE_REQUESTED, scopeText } from '../../../shared/domain/people/effects.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { dies, dying, entriesOf, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import { world } from '../../support/driver/world.ts';
import { cleared } from '../../support/rules/purpose-world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const notes = {
  rules: [aRule('keep permanently')],
  subjects: {
    onRequest: 'redact',
    fields: { sender: cleared('from'), recipient: cleared('to') },
  },
} as const;
const RECORD = { from: 'Ada', to: 'Bob', text: 'hello' };
const REDACTED = { ...RECORD, from: null };

async function message() {
  const w = world({ policies: [aPolicy({}, { categories: { notes } })] });
  const [ada, bob] = ['ada', 'bob'].map((id) => w.entity('person', id)) as [AboutEntity, AboutEntity];
  w.store.put(['n-1'], { ...RECORD });
  await w.register(
    await w.registration('n-1', [
      { ...ada, role: 'sender' },
      { ...bob, role: 'recipient' },
    ]),
  );
  const asks = async (person: AboutEntity, id: string): Promise<void> => {
    const fact = w.fact(ERASE_REQUESTED, new Date(w.clock.now()).toISOString(), { id });
    await w.happened(person, {
      ...fact,
      attributes: { request: id, scope: scopeText({ all: true }), alsoLater: false },
    });
  };
  w.clock.advance(60_000);
  await asks(ada, 'r-1');
  return { w, bob, asks };
}

const redaction = {
  stage: 'anonymise',
  part: 'subject:sender',
  masks: { from: 'null' },
  rule: 'erasure request of the person',
};

describe('a message whose sender asked for erasure', () => {
  test('loses what is about the sender, with an entry, and stays for the recipient', async () => {
    const { w } = await message();
    const chunk = await handedOver(w, '2026-03-01T12:30:00Z');
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(w.store.fields(['n-1'])).toEqual(REDACTED);
    expect(entriesOf(w)).toMatchObject([{ ...redaction, outcome: 'anonymised' }]);
    expect(entriesOf(w)[0]?.subjects).toHaveLength(2);
    expect(w.holding('n-1')).toMatchObject({
      state: 'active',
      done: [{ stage: 'anonymise', part: 'subject:sender' }],
    });
  });

  test('is read back with the masks of the sender after a worker died in between', async () => {
    const { w } = await message();
    const chunk = await handedOver(w, '2026-03-01T12:30:00Z');
    await dies(dying(w.core, 'store', 'anonymise', 'after'), chunk);
    expect(w.store.fields(['n-1'])).toEqual(REDACTED);
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([{ ...redaction, outcome: 'already-so', interrupted: true }]);
    expect(w.store.fields(['n-1'])).toEqual(REDACTED);
  });

  test('is masked by the next worker if the first one died before', async () => {
    const { w } = await message();
    const chunk = await handedOver(w, '2026-03-01T12:30:00Z');
    await dies(dying(w.core, 'store', 'anonymise', 'before'), chunk);
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([{ ...redaction, outcome: 'anonymised', interrupted: true }]);
    expect(w.store.fields(['n-1'])).toEqual(REDACTED);
  });

  test('is deleted once the recipient has asked, too', async () => {
    const { w, bob, asks } = await message();
    await workOnChunk(w.core, await handedOver(w, '2026-03-01T12:30:00Z'));
    await asks(bob, 'r-2');
    const chunk = await handedOver(w, '2026-03-01T13:30:00Z');
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w)).toMatchObject([redaction, { stage: 'delete', outcome: 'deleted' }]);
  });
});
