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

/** What stores of the configuration hold in one database, bucket, or account and region. */
export interface CoveredPlaces {
  /** With their schema, as `tableName` writes it, if the engine has schemas. */
  readonly tables: readonly string[];
  /** Prefixes of keys that some producer may register; the empty one covers the whole bucket. */
  readonly prefixes: readonly string[];
  readonly buckets: readonly string[];
}
