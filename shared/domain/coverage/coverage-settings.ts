/** What a survey can be asked beyond what its lane sees anyway. Each needs permissions of its own. */
export const SURVEY_REQUESTS = ['account', 'sample', 'neverPresent'] as const;
export type SurveyRequest = (typeof SURVEY_REQUESTS)[number];

/** `false`: no survey. Otherwise with what it looks at besides, and which places need no rules, and why. */
export type CoverageSettings =
  | false
  | {
      readonly account?: true;
      readonly sample?: true;
      readonly ignore?: Readonly<Record<string, string>>;
    };
