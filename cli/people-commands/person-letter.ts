import type { ProgressAnswer, RequestAnswer } from '../../shared/contract/people/requests.ts';
import {
  type PersonLetter,
  personLetter,
  personPage,
  type Told,
} from '../../shared/domain/people/person-text.ts';
import { present } from '../../shared/domain/present.ts';

/** The text for the person from all pages of an answer, as the API makes it of a short one. */
export function letterOf(
  { kind, state, receivedAt, deadline }: RequestAnswer,
  holdings: readonly ProgressAnswer[],
  now: number,
): PersonLetter & { readonly html: string } {
  const request = { kind, state, receivedAt: Date.parse(receivedAt), deadline: Date.parse(deadline) };
  const told = holdings.map((one): Told => {
    const { state: fate, categories, collection, kept, action, at, restricted, markedAt, rule, source } = one;
    return {
      state: fate,
      categories,
      ...present({ collection, kept }),
      ...present({ action, at: at === undefined ? undefined : Date.parse(at), restricted, rule, source }),
      ...present({ markedAt: markedAt === undefined ? undefined : Date.parse(markedAt) }),
    };
  });
  const letter = personLetter(request, told, now);
  return { ...letter, html: personPage(letter, now) };
}
