import { describe, expect, it, test } from 'vitest';
import { columnNamed, columnsIn, nameOfColumn } from '../../../shared/domain/columns/fact-columns.ts';
import {
  configurationOf,
  laneConfiguration,
} from '../../../shared/domain/configuration/configuration-part.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { answersWith, compiled, goodConfig } from '../../support/rules/configuration-text.ts';
import { GOOD_POLICY, policyFrom, written } from '../../support/rules/policy-text.ts';

const CLOSED = {
  event: 'account.ended',
  entity: { type: 'account', column: 'id' },
  clock: 'ended_at',
  producer: 'erp',
};

/** The good policy, with an event that a column can say. */
function policyWith(rule: string, more = ''): PolicySet {
  const events = `  account.closed: { entity: account, undoneBy: [account.reopened] }
  account.ended: { entity: account }`;
  const text = [
    ['[eu-central-1]', '[eu-central-1]\npurposes: [service]'],
    ['  account.closed: { entity: account, undoneBy: [account.reopened] }', events],
    ['  usage-data:', `  uploads:\n    rule: ${rule}\n${more}  usage-data:`],
  ].reduce((sofar, [part = '', instead = '']) => written(part, instead, sofar), GOOD_POLICY);
  return { policies: [policyFrom(text)] };
}

const PLAIN = policyWith('delete 90 days after account.ended');

/** These columns in the table of PostgreSQL. */
const inUsage =
  (...columns: object[]) =>
  (config: RetentionConfig): void => {
    config.producers['erp']!.categories.push('uploads');
    config.stores['usage']!.facts = columns as NonNullable<RetentionConfig['stores'][string]['facts']>;
  };

describe('columns that say facts', () => {
  it('are compiled, stand for the grant of their event, and are in the part of their own lane', () => {
    const config = goodConfig();
    const column = { ...CLOSED, clock: { column: 'ended', unit: 'seconds' }, where: { kind: 'customer' } };
    inUsage(column)(config);
    const configuration = compiled(config, PLAIN);
    const found = { ...column, store: 'usage' };
    expect(columnsIn(configuration)).toEqual([found]);
    expect(columnsIn(laneConfiguration('usage', configuration))).toEqual([found]);
    expect(columnsIn(configurationOf('ingest', configuration))).toEqual([found]);
    expect(columnsIn(configurationOf('sweep', configuration))).toEqual([found]);
    const other = laneConfiguration('contacts', configuration);
    expect(columnsIn(other)).toEqual([]);
    expect(other.readColumns).toEqual(['usage erp account.ended']);
  });

  it('that are not read any more are known to every lane, and their event may be sent again', () => {
    const config = goodConfig();
    inUsage({ ...CLOSED, ended: true })(config);
    config.producers['erp']!.events!.push('account.ended');
    const lane = laneConfiguration('contacts', compiled(config, PLAIN));
    expect(lane.endedColumns).toEqual(['usage erp account.ended']);
    expect(lane.readColumns).toBeUndefined();
  });

  it('have names that can be read back', () => {
    const name = { store: 'usage', producer: 'erp', event: 'account ended\nnow' };
    expect(columnNamed(nameOfColumn(name))).toEqual(name);
    expect(columnNamed('usage erp')).toBeUndefined();
  });

  test.each([
    'delete 90 days after account.ended',
    'delete within 90 days after account.ended',
    'delete 30 days after account.ended, but no later than 90 days after account.ended',
    'delete 90 days after the later of account.ended and account.closed if any',
    'delete 90 days after account.ended, held from account.closed until account.reopened',
  ])('may start the clock of the rule “%s”', (rule) => {
    expect(answersWith(inUsage(CLOSED), policyWith(rule))).toEqual([]);
  });
});

describe('a column of facts is refused', () => {
  test.each([
    'delete 90 days after the later of account.closed and account.ended if any',
    'delete 90 days after account.closed, held from account.ended until account.reopened',
    'delete 90 days after the earlier of account.ended and account.closed',
  ])('where records could go earlier without its event, as by “%s”', (rule) => {
    const [answer, ...others] = answersWith(inUsage(CLOSED), policyWith(rule));
    expect(others).toEqual([]);
    expect(answer).toMatch(
      /^stores\.usage\.facts\.0\.event: a column can only start clocks, .* "account\.ended" does more in the policy "crm": the rule ".*" could be due earlier without it; let the application send it$/,
    );
  });

  test.each<[what: string, change: object, answers: readonly string[]]>([
    [
      'if its event undoes another one',
      { event: 'account.reopened' },
      [
        '.event: a column can only start clocks, because it may be read late, and "account.reopened" does more in the policy "crm": it undoes "account.closed"; let the application send it',
        '.event: the producer "erp" may also send "account.reopened", and two sources of one event would contradict each other; remove it from its `events`, or remove this column',
      ],
    ],
    [
      'if no policy declares its event',
      { event: 'account.endet' },
      ['.event: no policy declares the event "account.endet"; did you mean "account.ended"?'],
    ],
    [
      'if its event happens to another type',
      { entity: { type: 'person', column: 'id' } },
      ['.entity.type: the event "account.ended" happens to a "account" (policy "crm"); name that type'],
    ],
    [
      'if its producer has no grant for the store',
      { producer: 'crm' },
      [
        '.producer: the producer "crm" is not granted the store "usage"; add it to its `stores`, or name the producer whose rows these are',
      ],
    ],
    [
      'if an entity could have several rows',
      { entity: { type: 'account', column: 'account_id' } },
      [
        '.entity.column: each entity needs one row, so that its column has one value, and "account_id" is not the only key of the store (its keys are id); name the key, or declare a store of the same table whose only key is "account_id"',
      ],
    ],
    ['with a key that it does not have', { columns: 'x' }, ['.: a column of facts has no key "columns"']],
  ])('%s', (_what, change, answers) => {
    const found = answersWith(inUsage({ ...CLOSED, ...change }), PLAIN);
    const own = found.filter((answer) => answer.startsWith('stores.usage.facts'));
    const said = own.map((answer) => answer.replace('stores.usage.facts.0', ''));
    if (answers[0]?.startsWith('.: ') === true) expect(said[0]).toContain(answers[0].slice('.: '.length));
    else expect(said).toEqual(answers);
  });

  it('if another one says the same event for the same producer', () => {
    expect(answersWith(inUsage(CLOSED, { ...CLOSED, clock: 'gone_at' }), PLAIN)).toEqual([
      'stores.usage.facts.0.event: two columns say "account.ended" for the producer "erp" (in usage and usage); keep one of them',
      'stores.usage.facts.1.event: two columns say "account.ended" for the producer "erp" (in usage and usage); keep one of them',
    ]);
  });

  it('while another one that has ended said the same: what that one said is never taken back', () => {
    const ended = { ...CLOSED, clock: 'gone_at', ended: true };
    expect(answersWith(inUsage(CLOSED, ended), PLAIN)).toEqual([
      'stores.usage.facts.0.event: a column of "usage" that said "account.ended" for the producer "erp" has ended, and what it said stays, also where this one says otherwise; if the column has moved, keep the name of its store, change the store\'s `options`, and remove `ended`',
    ]);
  });

  it('in a store that does not read in the order of a column', () => {
    const answers = answersWith((config) => {
      inUsage(CLOSED)(config);
      config.stores['contacts']!.facts = [{ ...CLOSED, producer: 'crm' }] as never;
      delete config.stores['usage']!.facts;
    }, PLAIN);
    expect(answers).toContain(
      'stores.contacts.facts.0: a store of kind dynamodb does not give its records in the order of a column; let the application send the events',
    );
  });

  it('where a category has a cap, which counts as long as the event has not arrived', () => {
    const capped = policyWith('delete 90 days after account.ended', '    cap: 10 years\n    owner: crm\n');
    expect(answersWith(inUsage(CLOSED), capped).join('\n')).toContain(
      '"uploads" has a cap, which counts as long as the event has not arrived',
    );
  });
});
