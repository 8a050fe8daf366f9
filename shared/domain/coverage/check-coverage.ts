import type { ConfigurationProblem } from '../configuration/configuration-problem.ts';
import type { Configuration, StoreConfiguration, StoreKinds } from '../configuration/configuration.ts';
import { own } from '../own.ts';
import { SURVEY_REQUESTS, type SurveyRequest } from './coverage-settings.ts';

/** What a kind of store cannot look at is refused: it would never be found. */
export function checkCoverage(
  { stores }: Pick<Configuration, 'stores'>,
  kinds: StoreKinds,
): ConfigurationProblem[] {
  return Object.entries(stores).flatMap(([name, store]) => {
    const can = own(kinds, store.kind)?.capabilities.surveys;
    if (can === undefined) return [];
    const path = `stores.${name}`;
    const cannot = requestsOf(store).flatMap((request) =>
      can.includes(request)
        ? []
        : [
            {
              path: `${path}.${request === 'neverPresent' ? request : `coverage.${request}`}`,
              message: `a survey of a store of kind ${store.kind} cannot look at this: ${MEANS[request]}; remove it`,
            },
          ],
    );
    const isOff = store.coverage === false && store.neverPresent !== undefined;
    const message =
      'without a survey nothing looks for these fields; remove `coverage: false`, or remove them';
    return isOff ? [...cannot, { path: `${path}.neverPresent`, message }] : cannot;
  });
}

const MEANS: Readonly<Record<SurveyRequest, string>> = {
  account: 'the other tables or buckets of the account',
  sample: 'the names of attributes in a sample of items',
  neverPresent: 'whether fields have values',
};

export function requestsOf({
  coverage,
  neverPresent = [],
}: Pick<StoreConfiguration, 'coverage' | 'neverPresent'>): readonly SurveyRequest[] {
  const { account, sample } = coverage === false ? {} : (coverage ?? {});
  const asked = { account: account === true, sample: sample === true, neverPresent: neverPresent.length > 0 };
  return SURVEY_REQUESTS.filter((request) => asked[request]);
}
