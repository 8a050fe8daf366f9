import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { cosignaturesOf, type WitnessKey } from '../../../shared/domain/log/cosignature.ts';
import { noteText, parseNote } from '../../../shared/domain/log/note.ts';
import type { Witness } from '../../../shared/ports/log.ts';
import { integrate } from '../../../shared/protocol/log/integrate.ts';
import { publishWitnessed } from '../../../shared/protocol/log/publish.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { type TestWitness, testWitness } from '../../support/log/note-keys.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { LOG_KEY, silent, type WitnessedWorld, witnessedWorld } from '../../support/log/witnessed-world.ts';

/** What those find who know the log's key and all of its witnesses. */
function readAs({ bucket, books }: WitnessedWorld): string {
  const note = bucket.allCheckpoints().at(-1) ?? '';
  const opened = openCheckpoint(note, [LOG_KEY]);
  const cosigned = cosignaturesOf(
    note,
    books.map(({ witness }) => witness.key),
  );
  if (!opened.ok) return opened.fault;
  return cosigned.ok ? 'right' : cosigned.fault;
}

/** A witness that cosigns anything. `answer`: from the text of the checkpoint. */
function cosigning(key: WitnessKey, answer: (text: string) => string): Witness {
  return {
    name: 'hostile',
    key,
    async addCheckpoint(body) {
      const note = parseNote(body.slice(body.indexOf('\n\n') + 2));
      return { status: 200, text: answer(note?.text ?? '') };
    },
  };
}

/** The line of this witness under the name and id of another key. */
function lineAs(twin: TestWitness, { name, id }: Pick<WitnessKey, 'name' | 'id'>, text: string): string {
  const signatures = parseNote(`${text}\n${twin.line(text)}`)?.signatures ?? [];
  return noteText({ text: '', signatures: signatures.map((one) => ({ ...one, name, id })) }).slice(1);
}

/** While it is asked, another run seals and signs, and dies before it asks. */
function alwaysAhead(w: WitnessedWorld): Witness & { readonly asked: () => number } {
  let asked = 0;
  return {
    name: 'ahead',
    key: testWitness('witness.example/w1', 101).key,
    asked: () => asked,
    async addCheckpoint() {
      asked += 1;
      await w.result(1);
      await seal(w.core);
      return { status: 409, text: `${await integrate(w.core, () => true)}\n` };
    },
  };
}

test.each(['more', '', 'a\nb'])(
  'a witness that cosigns the checkpoint and %j counts nowhere',
  async (more) => {
    const liar = testWitness('witness.example/w1', 101);
    const lying = cosigning(liar.key, (text) => `${more}\n\n${liar.line(`${text}\n${more}\n`)}`);
    const w = witnessedWorld();
    await w.result(3);
    await writeLog(w.replacing(lying, silent(w.books[1] ?? expect.fail())));
    expect(w.published()).toEqual([]);
    await writeLog(w.replacing(lying));
    expect(w.published()).toEqual(['3: w2 w3']);
    expect(readAs(w)).toBe('right');
  },
);

test.each([
  ['wait', 2, '3: w2 w3'],
  ['goOn', 2, '3: w2 w3'],
  ['goOn', 0, '6:'],
] as const)(
  'a witness that always knows of a larger log keeps none back (%s, %i others)',
  async (...given) => {
    const [ifMissing, others, published] = given;
    const w = witnessedWorld({ ifMissing });
    await w.result(3);
    await writeLog(w.replacing(alwaysAhead(w), ...(others === 0 ? w.books.slice(1).map(silent) : [])));
    expect(w.published()).toEqual([published]);
    expect(w.said().filter((line) => line.includes('CONTRADICTS'))).toEqual([]);
  },
);

test.each([
  ['before a witness is asked', 0],
  ['while one is asked', 1],
] as const)('no larger log is asked about once the time of the run is over (%s)', async (_when, asked) => {
  const w = witnessedWorld();
  await w.result(3);
  await seal(w.core);
  await integrate(w.core, () => true);
  const ahead = alwaysAhead(w);
  const { witnesses = expect.fail() } = w.replacing(ahead, ...w.books.slice(1).map(silent));
  await publishWitnessed({ ...w.core, witnesses }, () => ahead.asked() < asked);
  expect(ahead.asked()).toBe(1);
});

test('a key of the log is not taken for a witness under any name, also one that does not sign yet', async () => {
  const w = witnessedWorld({ needed: 1 });
  const signer = testSigner(LOG_KEY.name, 8);
  const laterKeys = [{ signer, from: w.clock.now() + 1 }];
  await w.result(3);
  for (const seed of [7, 8]) {
    const own = testWitness('witness.example/own', seed);
    const all = [cosigning(own.key, (text) => own.line(text))];
    await writeLog({ ...w.core, laterKeys, witnesses: { ...w.witnesses, all } });
  }
  expect(w.published()).toEqual([]);
  expect(w.said()).toContain('seal.witness-missing hostile WITNESS_WRONG');
});

test('a witness that has the name and the id of another key makes no checkpoint wrong', async () => {
  const w = witnessedWorld();
  const twin = testWitness('witness.example/twin', 109);
  for (const other of [LOG_KEY, w.books[1]?.witness.key ?? expect.fail()]) {
    await w.result(3);
    const { name, id } = other;
    const hostile = cosigning({ ...twin.key, name, id }, (text) => lineAs(twin, other, text));
    await writeLog(w.replacing(undefined, undefined, hostile));
    expect(readAs(w)).toBe('right');
    expect(w.published().at(-1)).toMatch(/: w1 w2$/);
  }
});
