import { describe, expect, test } from 'vitest';
import { expectedIn, judge, read } from '../support/misreadings/judge.ts';
import { SENTENCES } from '../support/misreadings/sentences.ts';

describe('sentences as people write them', () => {
  test('are 300 with at least five mutations each, and no text comes twice in one', () => {
    expect(SENTENCES.length).toBeGreaterThanOrEqual(300);
    expect(new Set(SENTENCES.map(({ id }) => id)).size).toBe(SENTENCES.length);
    const repeated = SENTENCES.filter(({ sentence, mutations }) => {
      return new Set([sentence, ...mutations.map(({ text }) => text)]).size < mutations.length + 1;
    });
    expect(repeated.map(({ id }) => id)).toEqual([]);
    expect(SENTENCES.filter(({ mutations }) => mutations.length < 5).map(({ id }) => id)).toEqual([]);
  });

  test.each(SENTENCES)('$id means what was written down: $sentence', (sentence) => {
    expect(read(sentence.sentence, sentence)).toEqual({ results: expectedIn(sentence) });
  });

  test.each(SENTENCES)('$id is not misread when it is written in another way: $sentence', (sentence) => {
    const misread = sentence.mutations.flatMap((mutation) => {
      const verdict = judge(sentence, mutation);
      return verdict.kind === 'misread' ? [{ text: mutation.text, ...verdict }] : [];
    });
    expect(misread).toEqual([]);
  });

  test('are counted, with each text that has other dates than its sentence', () => {
    const judged = SENTENCES.flatMap((sentence) =>
      sentence.mutations.map((mutation) => ({
        id: sentence.id,
        mutation,
        verdict: judge(sentence, mutation),
      })),
    );
    const of = (kind: string): typeof judged => judged.filter(({ verdict }) => verdict.kind === kind);
    const counts = ['same', 'refused', 'other', 'misread'].map((kind) => of(kind).length);
    const [same, refused, other, misread] = counts;
    process.stdout.write(
      `mutations judged: ${judged.length} of ${SENTENCES.length} sentences: ${same} same, ${refused} refused, ${other} accepted with other dates that were written down before, ${misread} misread\n`,
    );
    for (const { id, mutation } of of('other'))
      process.stdout.write(`  ${id} (${mutation.kind}): ${JSON.stringify(mutation.text)}\n`);
    expect(misread).toBe(0);
  });
});
