import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PrincipalRef, ProposalRef } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aProposal } from '../../support/people-requests.ts';
import { registryKinds } from './registry-kinds.ts';

const ref = (n: number) => `proposal-${String(n).padStart(13, '0')}` as ProposalRef;

describe.each(registryKinds)('proposals in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('are read as they were put, and written on their version', async () => {
    const first = aProposal();
    expect(await registry.proposal(first.id)).toBeUndefined();
    expect(await registry.putProposal({ ...first, version: 2 })).toBe('moved');
    expect(await registry.putProposal(first)).toBe('written');
    expect(await registry.putProposal({ ...first, state: 'withdrawn' })).toBe('moved');
    expect(await registry.proposal(first.id)).toEqual(first);
    const by = 'CCCCCCCCCCCCCCCCCCCCCC' as PrincipalRef;
    const confirmed = { by, at: first.at + 5, until: first.at + 60_005 };
    const second = aProposal({ version: 2, state: 'confirmed', confirmed, sealed: 'x'.repeat(383_000) });
    expect(await registry.putProposal(second)).toBe('written');
    expect(await registry.proposal(first.id)).toEqual(second);
  });

  test('are listed in pages, each once', async () => {
    for (let n = 0; n < 205; n += 1) await registry.putProposal(aProposal({ id: ref(n) }));
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await registry.proposals(after);
      expect(page.items.length).toBeLessThanOrEqual(100);
      found.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(found).toEqual(Array.from({ length: 205 }, (_, n) => ref(n)));
  });
});
