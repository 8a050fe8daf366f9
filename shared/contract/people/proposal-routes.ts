import { NamedProposal, ProposalQuery, ProposalsAnswer } from './proposals.ts';

/** What the API answers about what needs two people. */
export const PROPOSAL_ROUTES = {
  queryProposals: {
    method: 'POST',
    path: '/v1/proposals/query',
    roles: ['operator'],
    input: ProposalQuery,
    answer: ProposalsAnswer,
  },
  confirmProposal: {
    method: 'POST',
    path: '/v1/proposals/confirm',
    roles: ['operator'],
    input: NamedProposal,
    answer: ProposalsAnswer,
  },
  withdrawProposal: {
    method: 'POST',
    path: '/v1/proposals/withdraw',
    roles: ['operator'],
    input: NamedProposal,
    answer: ProposalsAnswer,
  },
} as const;
