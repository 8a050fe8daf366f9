import * as z from 'zod';
import type { PrincipalRef, ProposalRef } from '../../domain/record/ids.ts';
import { type Proposal, PROPOSAL_KINDS, PROPOSAL_STATES } from '../../domain/record/proposal.ts';
import type { Proposals } from '../../ports/proposals.ts';
import { type ItemKey, part, stored, type StoredItem, trusted, ttl, whole } from '../dynamodb/dynamo-item.ts';
import { type DynamoTable, PAGE_ITEMS, versionIs } from '../dynamodb/dynamo-table.ts';

const PROPOSALS = 'PR#';

/** So long a request that comes again finds what became of the proposal. */
const KEPT_DAYS = 7;

export function dynamoProposals(table: DynamoTable): Proposals {
  return {
    async proposal(id) {
      const item = await table.get({ PK: PROPOSALS, SK: id });
      return item && fromProposalItem(item);
    },

    async putProposal(next) {
      return (await table.put(toProposalItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async proposals(after) {
      const page = await table.page({ partition: PROPOSALS, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromProposalItem) };
    },
  };
}

const principalRef = z.custom<PrincipalRef>((value) => typeof value === 'string');

const proposalItem = z.object({
  SK: z.custom<ProposalRef>((value) => typeof value === 'string'),
  r: part.count,
  k: z.enum(PROPOSAL_KINDS),
  s: z.enum(PROPOSAL_STATES),
  a: part.instant,
  e: part.instant,
  p: principalRef,
  c: z.object({ p: principalRef, a: part.instant, u: part.instant }).optional(),
  b: part.text,
});

function toProposalItem(proposal: Proposal): StoredItem & ItemKey {
  const { id, version: r, kind: k, state: s, at: a, expires: e, by: p, confirmed, sealed: b } = proposal;
  const c = confirmed && { p: confirmed.by, a: confirmed.at, u: confirmed.until };
  const body = { r, k, s, a, e, p, c, b, ttl: ttl(e, KEPT_DAYS) };
  return stored<typeof body>({ PK: PROPOSALS, SK: id }, body);
}

function fromProposalItem(found: StoredItem): Proposal {
  const { SK, r, k, s, a, e, p, c, b } = trusted('proposal', proposalItem, found);
  return whole<Proposal>({
    id: SK,
    version: r,
    kind: k,
    state: s,
    at: a,
    expires: e,
    by: p,
    confirmed: c && { by: c.p, at: c.a, until: c.u },
    sealed: b,
  });
}
