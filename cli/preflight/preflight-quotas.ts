import * as z from 'zod';
import type { Preflight } from './preflight-config.ts';
import { type AwsPlace, callAws } from '../../shared/adapters/call-aws.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';

/** The default concurrency of a lane, and the concurrency that the other functions need. */
const LANE_CONCURRENCY = 5;
const OTHER_CONCURRENCY = 20;
/**
 * Lambda refuses a reservation that leaves less than this to functions without one. What other functions of the account
 * reserve is not in the quotas.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
 */
const UNRESERVED = 100;
/** One wake-up for each minute of a month in which something may be due. */
const WAKE_UPS = 44_640;

interface Need {
  readonly service: string;
  /** The name in Service Quotas. */
  readonly quota: string;
  readonly minimums: readonly Minimum[];
}

interface Minimum {
  readonly least: number;
  readonly otherwise: string;
}

function needs(lanes: number, reserved: number): readonly Need[] {
  return [
    { service: 'lambda', quota: 'Concurrent executions', minimums: concurrency(lanes, reserved) },
    {
      service: 'scheduler',
      quota: 'Number of schedules',
      minimums: [
        {
          least: WAKE_UPS,
          otherwise:
            'wake-ups would be refused, and disposals would wait for the hourly sweep; request an increase',
        },
      ],
    },
    {
      service: 'dynamodb',
      quota: 'Table-level write throughput limit',
      minimums: [
        {
          least: 1000,
          otherwise: 'registrations and disposals would be throttled; request an increase',
        },
      ],
    },
  ];
}

function concurrency(lanes: number, reserved: number): readonly Minimum[] {
  const shared: Minimum = {
    least: lanes * LANE_CONCURRENCY + OTHER_CONCURRENCY,
    otherwise: 'functions would be throttled by each other and by your own; request an increase',
  };
  if (reserved === 0) return [shared];
  return [
    shared,
    {
      least: reserved + UNRESERVED,
      otherwise: `the configuration reserves ${reserved}, and AWS keeps ${UNRESERVED} unreserved, so the deployment would fail; reserve less, or request an increase`,
    },
  ];
}

const Quotas = z.object({
  Quotas: z.array(z.object({ QuotaName: z.string(), Value: z.number() })),
  NextToken: z.string().optional(),
});

/** Compares the quotas of the account with what this configuration needs at least. */
export async function checkQuotas(
  { configuration, reserved }: Pick<Preflight, 'configuration' | 'reserved'>,
  place: AwsPlace,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    needs(Object.keys(configuration.stores).length, reserved).map(async (need) => {
      try {
        const value = await quotaOf(place, need);
        if (value === undefined)
          return [
            note(
              need.service,
              `the quota "${need.quota}" was not found in Service Quotas; check it in the console`,
            ),
          ];
        return need.minimums
          .filter(({ least }) => value < least)
          .map(({ least, otherwise }) =>
            fails(
              need.service,
              `the quota "${need.quota}" is ${value}, but at least ${least} is required: ${otherwise}`,
            ),
          );
      } catch (error) {
        const code = error instanceof Error ? error.message : 'unknown';
        return [
          unknown(
            need.service,
            `its quotas could not be read (${code}); this check needs servicequotas:ListServiceQuotas`,
          ),
        ];
      }
    }),
  );
  return findings.flat();
}

/** The applied value of the quota, searched page by page. */
async function quotaOf(place: AwsPlace, { service, quota }: Need): Promise<number | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await listQuotas(place, { ServiceCode: service, MaxResults: 100, NextToken });
    const found = page.Quotas.find(({ QuotaName }) => QuotaName === quota);
    if (found !== undefined) return found.Value;
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return undefined;
}

async function listQuotas(place: AwsPlace, input: object): Promise<z.output<typeof Quotas>> {
  const call = { service: 'servicequotas', target: 'ServiceQuotasV20190624.ListServiceQuotas' };
  return Quotas.parse(await callAws(place, call, input));
}
