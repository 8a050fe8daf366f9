import * as z from 'zod';
import type { KeyRecord } from '../../ports/log.ts';
import { type AwsPlace, callAws } from '../call-aws.ts';

const Answer = z.object({ Parameters: z.array(z.object({ Value: z.string() })) });

/**
 * A parameter of AWS Systems Manager: not encrypted, because the key is public. `GetParameters` answers an empty list if
 * the parameter is not there. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export function ssmKeyRecord(place: AwsPlace, name: string): KeyRecord {
  const call = (action: string, input: object): Promise<unknown> =>
    callAws(place, { service: 'ssm', target: `AmazonSSM.${action}` }, input);
  return {
    async read() {
      const { Parameters } = Answer.parse(await call('GetParameters', { Names: [name] }));
      return Parameters[0]?.Value;
    },
    async write(text) {
      const description = 'Verifier keys of the deletion log of Tenure, one on each line';
      await call('PutParameter', {
        Name: name,
        Value: text,
        Type: 'String',
        Overwrite: true,
        Description: description,
      });
    },
  };
}
