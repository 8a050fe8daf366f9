import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import type { Filer } from '../../../shared/domain/people/request.ts';

/** A principal that is both acts as an operator: its requests are about the whole deployment. */
export function filerOf({ producer, operator }: Caller): Filer {
  return operator || producer === undefined ? { role: 'operator' } : { role: 'producer', producer };
}

/** The names under which ids of requests are unique. No producer's name has a space. */
export function filerName(filer: Filer): string {
  return filer.role === 'operator' ? 'an operator' : filer.producer;
}
