import type { CountedDeployment } from './counted-deployment.ts';

export interface MessageCost {
  readonly units: number;
  /** Of these, for hints. */
  readonly hints: number;
  /** Items of more than 1 KB that were written. */
  readonly large: number;
  readonly scans: number;
}

/** What one message to `ingest` costs the registry. */
export async function messageCost(counted: CountedDeployment, body: string): Promise<MessageCost> {
  counted.reset();
  await counted.ingest(body);
  const { counter } = counted;
  return {
    units: counter.writeUnits(),
    hints: counter.writeUnits(({ PK }) => PK.startsWith('B#')),
    large: counter.writes().filter(({ bytes }) => bytes > 1024).length,
    scans: counter.requests()['Scan'] ?? 0,
  };
}
