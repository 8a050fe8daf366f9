import { describe, expect, test } from 'vitest';
import type { Policy, SubjectsPolicy } from '../../../shared/domain/configuration/policy.ts';
import { type CopyAsked, inCopy, isInScope } from '../../../shared/domain/people/in-copy.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Holding, HoldingVariant } from '../../../shared/domain/record/holding.ts';
import { demoDeployment } from '../../support/deployment.ts';
import { aHolding, anEntityRef, at, aVariant } from '../../support/samples.ts';

const demo = await demoDeployment();
const NOW = at('2026-03-01T10:00:00Z');

const fields = {
  sender: { name: { kind: 'null' }, email: { kind: 'null', ifPresent: true } },
  recipient: { to: { kind: 'null' } },
  witness: {},
} satisfies SubjectsPolicy['fields'];

function policy(name: string, category: string, subjects?: SubjectsPolicy): Policy {
  const [first] = demo.policies.policies;
  if (first === undefined) throw new Error('the demonstration has policies');
  const categories = { [category]: { rules: [], ...(subjects && { subjects }) } };
  return { ...first, name, effectiveFrom: 0, categories };
}

const configuration = {
  ...demo,
  entityTypes: {
    person: { ids: 'shared', normalise: [] },
    account: { ids: 'owned', normalise: [], identifies: 'person' },
    profile: { ids: 'owned', normalise: [], identifies: 'person' },
    contract: { ids: 'owned', normalise: [] },
    employee: { ids: 'shared', normalise: [] },
    login: { ids: 'owned', normalise: [], identifies: 'employee' },
  },
  policies: {
    policies: [
      policy('letters', 'letters', { onRequest: 'redact', fields }),
      policy('kept', 'kept', { onRequest: 'keep', fields }),
      policy('plain', 'plain'),
    ],
  },
} as const;

const about = (type: string, name: string, role?: string): AboutEntity => ({
  type,
  ref: anEntityRef(`${type} ${name}`),
  ...(role !== undefined && { role }),
});
const me = (role?: string): AboutEntity => about('person', 'me', role);
const other = (role?: string): AboutEntity => about('person', 'other', role);
const mine = about('account', 'mine');

const asked = (change: Partial<CopyAsked['request']> = {}): CopyAsked => ({
  request: { entityType: 'person', scope: { all: true }, filer: { role: 'operator' }, ...change },
  reached: [me().ref, mine.ref],
});

const variant = (entities: readonly AboutEntity[], change: Partial<HoldingVariant> = {}): HoldingVariant =>
  aVariant(1, { categories: ['letters'], purposes: ['mail'], entities, ...change });
const holding = (...variants: readonly HoldingVariant[]): Holding => aHolding(1, { variants });
const whatOf = (one: Holding, by = asked()) => inCopy(configuration, one, by, NOW).may;

const WHOLE = { kind: 'be-copied', without: {} };
const OTHERS = { kind: 'not', reason: 'about-others' };

describe('a copy for a person', () => {
  test('has a record about the person, or about an account of the person, as a whole', () => {
    expect(whatOf(holding(variant([me()])))).toEqual(WHOLE);
    expect(whatOf(holding(variant([mine, about('contract', 'c')])))).toEqual(WHOLE);
    expect(whatOf(holding(variant([me('sender'), mine])))).toEqual(WHOLE);
  });

  test('says which of the categories and purposes it is about, each once and in order', () => {
    const two = holding(
      variant([me()], { categories: ['plain', 'letters'], purposes: ['b', 'a'] }),
      variant([me()], { categories: ['letters'], purposes: ['a'] }),
      variant([about('contract', 'c')], { categories: ['kept'], purposes: ['c'] }),
    );
    expect(inCopy(configuration, two, asked(), NOW)).toEqual({
      categories: ['letters', 'plain'],
      purposes: ['a', 'b'],
      may: WHOLE,
    });
  });

  test.each(['disposed', 'withdrawn'] as const)('leaves out what is %s by now', (state) => {
    expect(whatOf({ ...holding(variant([me()])), state })).toEqual({ kind: 'not', reason: 'gone' });
    expect(whatOf({ ...holding(), state })).toEqual({ kind: 'not', reason: 'gone' });
  });

  test('has what is not planned yet', () => {
    expect(whatOf({ ...holding(variant([me()])), state: 'pending' })).toEqual(WHOLE);
  });

  test('leaves out what its policy does not allow in the region, whichever producer registered it', () => {
    const there = { ...configuration, requests: { ...demo.requests, notExported: ['kept'] } };
    const may = (one: Holding) => inCopy(there, one, asked(), NOW).may;
    const outside = variant([about('contract', 'c')], { categories: ['kept'] });
    expect(may(holding(variant([me()])))).toEqual(WHOLE);
    expect(may(holding(variant([me()]), outside))).toEqual({ kind: 'not', reason: 'region' });
  });
});

describe('of a record about others, too, a copy', () => {
  test('lacks the fields that its policy names for their roles', () => {
    const { sender, recipient } = fields;
    expect(whatOf(holding(variant([me('sender'), other('recipient')])))).toEqual({
      kind: 'be-copied',
      without: recipient,
    });
    const third = about('person', 'third', 'sender');
    expect(whatOf(holding(variant([me(), other('recipient'), third])))).toEqual({
      kind: 'be-copied',
      without: { ...sender, ...recipient },
    });
  });

  test('lacks them whatever the policy does on a request for erasure, and also if the role is the same', () => {
    const same = variant([me('sender'), other('sender')], { categories: ['kept'] });
    expect(whatOf(holding(same))).toEqual({ kind: 'be-copied', without: fields.sender });
  });

  test.each<[string, readonly HoldingVariant[]]>([
    ['the other one has no role', [variant([me('sender'), other()])]],
    ['the role has no fields', [variant([me('sender'), other('witness')])]],
    ['the policy does not know the role', [variant([me('sender'), other('stranger')])]],
    ['the name of the role is one that every object has', [variant([me(), other('constructor')])]],
    ['its policy names no fields', [variant([me(), other('sender')], { categories: ['plain'] })]],
    [
      'one of its policies names no fields',
      [variant([me(), other('sender')], { categories: ['letters', 'plain'] })],
    ],
    ['no policy has the category', [variant([me(), other('sender')], { categories: ['unknown'] })]],
    ['another registration names the other one', [variant([me()]), variant([other()])]],
    ['one of several others has no role', [variant([me(), other('sender'), about('person', 'x')])]],
    ['it names an account of somebody else', [variant([me(), about('account', 'theirs')])]],
  ])('does not exist where %s', (_, variants) => {
    expect(whatOf(holding(...variants))).toEqual(OTHERS);
  });

  test('of an account does not exist where it names a person, unless it is known that it is the one whose account it is', () => {
    const unknown = { ...asked({ entityType: 'account' }), reached: [mine.ref] };
    const account = { ...unknown, knownAs: me().ref };
    expect(whatOf(holding(variant([mine, me()])), account)).toEqual(WHOLE);
    expect(whatOf(holding(variant([mine, me()])), unknown)).toEqual(OTHERS);
    expect(whatOf(holding(variant([mine, other()])), account)).toEqual(OTHERS);
    expect(whatOf(holding(variant([mine, other('recipient')])), account)).toEqual({
      kind: 'be-copied',
      without: fields.recipient,
    });
    expect(whatOf(holding(variant([mine, me(), other()])), account)).toEqual(OTHERS);
    expect(whatOf(holding(variant([mine, about('account', 'theirs')])), account)).toEqual(OTHERS);
    expect(whatOf(holding(variant([mine, about('profile', 'theirs')])), account)).toEqual(OTHERS);
  });

  test('does not exist where persons of another type are named, and lacks the fields of whatever has a role', () => {
    expect(whatOf(holding(variant([me(), about('employee', 'e')])))).toEqual(OTHERS);
    expect(whatOf(holding(variant([me(), about('login', 'e')])))).toEqual(OTHERS);
    expect(whatOf(holding(variant([me(), about('contract', 'c', 'witness')])))).toEqual(OTHERS);
    expect(whatOf(holding(variant([me(), about('contract', 'c', 'recipient')])))).toEqual({
      kind: 'be-copied',
      without: fields.recipient,
    });
  });

  test('of a contract may be about one person, and of several it is not known which', () => {
    const contract = about('contract', 'c');
    const by = { ...asked({ entityType: 'contract' }), reached: [contract.ref] };
    expect(whatOf(holding(variant([contract, me(), mine])), by)).toEqual(WHOLE);
    expect(whatOf(holding(variant([contract, me()]), variant([contract, other()])), by)).toEqual(OTHERS);
    expect(whatOf(holding(variant([contract, mine, about('account', 'theirs')])), by)).toEqual(OTHERS);
    expect(whatOf(holding(variant([contract, about('contract', 'd')])), by)).toEqual(OTHERS);
  });

  test('does not exist for a producer where another one registered it, too, whomever it names', () => {
    const contract = about('contract', 'c');
    const by = {
      ...asked({ entityType: 'contract', filer: { role: 'producer', producer: 'shop' } }),
      reached: [contract.ref],
    };
    const own = variant([contract], { producer: 'shop' });
    expect(whatOf(holding(own), by)).toEqual(WHOLE);
    for (const entity of [contract, other()])
      expect(whatOf(holding(own, variant([entity], { producer: 'rival' })), by)).toEqual({
        kind: 'not',
        reason: 'other-applications',
      });
  });
});

describe('the scope of a copy', () => {
  const two = holding(
    variant([me()], { producer: 'shop', categories: ['letters'], purposes: ['a'] }),
    variant([me()], { producer: 'rival', categories: ['kept'], purposes: ['b', 'c'] }),
    variant([other()], { producer: 'third', categories: ['plain'], purposes: ['d'] }),
  );

  test.each<[Partial<CopyAsked['request']>, readonly string[]]>([
    [{}, ['kept', 'letters']],
    [{ scope: { categories: ['letters', 'plain'] } }, ['letters']],
    [{ scope: { producers: ['rival', 'third'] } }, ['kept']],
    [{ scope: { purposes: ['b', 'c'] } }, ['kept']],
    [{ scope: { purposes: ['b'] } }, []],
    [{ filer: { role: 'producer', producer: 'shop' } }, ['letters']],
    [{ filer: { role: 'producer', producer: 'third' } }, []],
    [{ filer: { role: 'producer', producer: 'shop' }, scope: { producers: ['rival'] } }, []],
  ])('%j is about the categories %j', (change, categories) => {
    expect(inCopy(configuration, two, asked(change), NOW).categories).toEqual(categories);
    expect(isInScope(two, asked(change))).toBe(categories.length > 0);
  });
});
