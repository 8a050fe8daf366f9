import { createApi } from '../../../functions/api/api.ts';
import type { ProposalAnswer } from '../../../shared/contract/people/proposals.ts';
import type { FourEyes } from '../../../shared/domain/configuration/configuration.ts';
import type { ActionEntry } from '../../../shared/domain/record/entry.ts';
import { apiWorld, configuration } from '../api-world.ts';

const sessionOf = (role: string, name: string): string =>
  `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;
const roleOf = (role: string): string => `arn:aws:iam::111122223333:role/apps/${role}`;

export const ANNA = sessionOf('operator', 'anna');
export const BEN = sessionOf('second', 'ben');
export const CLEO = sessionOf('third', 'cleo');

export type FourEyesWorld = ReturnType<typeof fourEyesWorld>;

/** The API of a deployment in which decisions of operators need two people. */
export function fourEyesWorld(fourEyes: FourEyes = {}) {
  const operators = [...configuration.operators, roleOf('second'), roleOf('third')];
  const world = apiWorld('2026-03-01T10:00:00Z', undefined, { ...configuration, operators, fourEyes });
  const ask = (principal: string, path: string, body: unknown = {}) =>
    askApi(createApi(world), principal, path, body);
  return {
    ...world,
    ask,
    confirm: (principal: string, id: string) => ask(principal, '/v1/proposals/confirm', { id }),
    withdraw: (principal: string, id: string) => ask(principal, '/v1/proposals/withdraw', { id }),
    query: (principal: string, body: unknown = {}) => ask(principal, '/v1/proposals/query', body),
    /** All that operators did, as the log says it. */
    actions: (): readonly ActionEntry[] =>
      world.registry
        .allResults()
        .flatMap((result) => ('void' in result ? [] : (result.actions ?? [])) as readonly ActionEntry[]),
  };
}

export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function askApi(
  api: ReturnType<typeof createApi>,
  principal: string,
  path: string,
  body: unknown,
): Promise<Answered> {
  const request = new Request(`https://api.example${path}`, { method: 'POST', body: JSON.stringify(body) });
  const response = await api.fetch(request, { principal });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

export function proposedIn({ body }: Answered): ProposalAnswer {
  return body['proposed'] as ProposalAnswer;
}

export function firstIn({ body }: Answered): ProposalAnswer {
  return (body['proposals'] as readonly ProposalAnswer[])[0]!;
}
