import type { NotSeen, SurveyPart } from '../domain/coverage/survey.ts';

/** Notes which parts of a survey were not seen, so that one that fails stops no other. */
export interface Surveying {
  readonly notSeen: NotSeen[];
  /** What `look` answers; nothing if it throws, and then the part is noted. */
  readonly tried: <Found>(part: SurveyPart, look: () => Promise<Found>) => Promise<Found | undefined>;
  readonly note: (part: SurveyPart, code: string) => void;
}

export function surveying(failureOf: (error: unknown) => string): Surveying {
  const notSeen: NotSeen[] = [];
  const note: Surveying['note'] = (part, code) => {
    if (!notSeen.some((one) => one.part === part)) notSeen.push({ part, code });
  };
  return {
    notSeen,
    note,
    async tried(part, look) {
      try {
        return await look();
      } catch (error) {
        note(part, failureOf(error));
        return undefined;
      }
    },
  };
}
