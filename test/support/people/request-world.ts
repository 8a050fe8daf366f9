import {
  ERASE_REQUESTED,
  OBJECTED,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import type { RequestScope } from '../../../shared/domain/people/request-scope.ts';
import type { Dated } from '../rules/rule-world.ts';

const EVERYTHING: RequestScope = { all: true };

interface Asking {
  readonly request?: string;
  readonly scope?: RequestScope;
  readonly sent?: string;
}

function asked(occurred: string, { request = 'r-1', scope = EVERYTHING, sent = occurred }: Asking) {
  return { occurred, sent, attributes: { request, scope: scopeText(scope) } };
}

/** Facts of a person, as the API publishes them for requests. */
export function erase(
  occurred: string,
  { alsoLater = false, ...asking }: Asking & { readonly alsoLater?: boolean } = {},
): { readonly [ERASE_REQUESTED]: Dated } {
  const fact = asked(occurred, asking);
  return { [ERASE_REQUESTED]: { ...fact, attributes: { ...fact.attributes, alsoLater } } };
}

export function restrict(
  occurred: string,
  { forbidsDeletion = false, ...asking }: Asking & { readonly forbidsDeletion?: boolean } = {},
): { readonly [RESTRICT_REQUESTED]: Dated } {
  const fact = asked(occurred, asking);
  return { [RESTRICT_REQUESTED]: { ...fact, attributes: { ...fact.attributes, forbidsDeletion } } };
}

export function release(occurred: string, request = 'r-1'): { readonly [RESTRICTION_RELEASED]: Dated } {
  return { [RESTRICTION_RELEASED]: { occurred, sent: occurred, attributes: { request } } };
}

export function object(
  occurred: string,
  scope: RequestScope,
  asking: Omit<Asking, 'scope'> = {},
): { readonly [OBJECTED]: Dated } {
  return { [OBJECTED]: asked(occurred, { ...asking, scope }) };
}
