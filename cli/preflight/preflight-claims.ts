import * as z from 'zod';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { claimOf, placeOf } from '../../shared/domain/configuration/store-place.ts';
import { type AwsPlace, callAws } from '../../shared/adapters/call-aws.ts';
import { fails, type Finding, unknown } from './preflight-finding.ts';

const Parameters = z.object({
  Parameters: z.array(z.object({ Name: z.string(), Value: z.string() })),
});

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const MOST_NAMES = 10;

/** Whether another deployment in this account and region has one of these stores: it would have a registry of its own. */
export async function checkClaims(
  { stores }: Pick<Configuration, 'stores'>,
  deployment: string,
  place: AwsPlace,
): Promise<readonly Finding[]> {
  const names = new Map(
    Object.entries(stores).flatMap(([store, settings]): [string, string][] => {
      const at = placeOf(settings);
      return at === undefined ? [] : [[claimOf(at), store]];
    }),
  );
  try {
    const owners = await ownersOf([...names.keys()], place);
    return owners.flatMap(({ Name, Value }) =>
      Value === deployment
        ? []
        : [
            fails(
              names.get(Name) ?? Name,
              `the deployment "${Value}" has this store, and a registry that knows when its records are due; "${deployment}" would begin with an empty one. If you renamed the deployment, write \`name: "${Value}"\` again. If both are meant to exist, take the store out of "${Value}" first`,
            ),
          ],
    );
  } catch (error) {
    const code = error instanceof Error ? error.message : 'unknown';
    return [
      unknown(
        'ssm',
        `it could not be read whether another deployment has these stores (${code}); this check needs ssm:GetParameters`,
      ),
    ];
  }
}

async function ownersOf(
  names: readonly string[],
  place: AwsPlace,
): Promise<readonly { readonly Name: string; readonly Value: string }[]> {
  const found = [];
  for (let at = 0; at < names.length; at += MOST_NAMES) {
    const call = { service: 'ssm', target: 'AmazonSSM.GetParameters' };
    const answer = await callAws(place, call, { Names: names.slice(at, at + MOST_NAMES) });
    found.push(...Parameters.parse(answer).Parameters);
  }
  return found;
}
