import { expect, test } from 'vitest';
import { type DoneStage, isDone, isRestricted } from '../../../shared/domain/plan/done.ts';
import { isSameStage, partsOf, purposePart, stageKey } from '../../../shared/domain/record/stage-name.ts';

const RESTRICTED: DoneStage = { action: 'restrict' };
const LIFTED: DoneStage = { action: 'lift' };

test('what deletes or masks the whole record includes what is weaker', () => {
  const done: readonly DoneStage[] = [{ action: 'anonymise' }];
  expect(isDone({ action: 'restrict' }, done)).toBe(true);
  expect(isDone({ action: 'anonymise' }, done)).toBe(true);
  expect(isDone({ action: 'delete' }, done)).toBe(false);
  expect(isDone({ action: 'delete' }, [{ action: 'delete' }])).toBe(true);
});

test('what has to be carried out again is not done', () => {
  expect(isDone({ action: 'anonymise' }, [{ action: 'anonymise', isDueAgain: true }])).toBe(false);
});

test('restricting and lifting undo each other: the later one counts', () => {
  expect(isDone({ action: 'restrict' }, [RESTRICTED])).toBe(true);
  expect(isDone({ action: 'lift' }, [RESTRICTED])).toBe(false);
  expect(isDone({ action: 'restrict' }, [RESTRICTED, LIFTED])).toBe(false);
  expect(isDone({ action: 'lift' }, [RESTRICTED, LIFTED])).toBe(true);
  expect(isDone({ action: 'restrict' }, [LIFTED, RESTRICTED])).toBe(true);
  expect(isDone({ action: 'lift' }, [LIFTED, RESTRICTED])).toBe(false);
  expect(isDone({ action: 'lift' }, [{ action: 'anonymise' }])).toBe(false);
});

test('a record is restricted until that is lifted, also where it has to be restricted again', () => {
  expect(isRestricted([])).toBe(false);
  expect(isRestricted([RESTRICTED])).toBe(true);
  expect(isRestricted([{ ...RESTRICTED, isDueAgain: true }])).toBe(true);
  expect(isRestricted([RESTRICTED, LIFTED])).toBe(false);
  expect(isRestricted([LIFTED, RESTRICTED])).toBe(true);
});

test('what is done to a part of a record stands for that part alone', () => {
  const part = purposePart('marketing');
  const done: readonly DoneStage[] = [{ action: 'anonymise', part }];
  expect(isDone({ action: 'anonymise', part }, done)).toBe(true);
  expect(isDone({ action: 'anonymise', part: purposePart('service') }, done)).toBe(false);
  expect(isDone({ action: 'anonymise' }, done)).toBe(false);
  expect(isDone({ action: 'restrict' }, done)).toBe(false);
  expect(isDone({ action: 'anonymise', part }, [{ action: 'anonymise' }])).toBe(false);
});

test('a stage is named by its action and the part that it is about', () => {
  const one = { stage: 'anonymise', part: 'purpose:a' } as const;
  expect(isSameStage(one, { ...one })).toBe(true);
  expect(isSameStage(one, { stage: 'anonymise' })).toBe(false);
  expect(
    new Set([one, { stage: 'anonymise' }, { stage: 'lift' }].map((each) => stageKey(each as never))),
  ).toEqual(new Set(['anonymise#purpose:a', 'anonymise', 'lift']));
  const variants = [
    { purposes: ['a', 'b'], entities: [{ role: 'sender' }, {}] },
    { purposes: ['b'], entities: [{ role: 'sender' }] },
  ];
  expect(partsOf({ variants })).toEqual(['purpose:a', 'purpose:b', 'subject:sender']);
});
