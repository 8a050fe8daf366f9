import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Report, ReportCode, ReportFields } from '../ports/report.ts';

/** Every field that may be logged, and what its values look like; anything else is dropped, whatever the types say. */
const FIELDS: { readonly [Name in keyof Required<ReportFields>]: 'name' | 'number' } = {
  store: 'name',
  producer: 'name',
  policy: 'name',
  outcome: 'name',
  stage: 'name',
  code: 'name',
  count: 'number',
  seconds: 'number',
  route: 'name',
  status: 'number',
};

/** Names come from configuration and code: letters that could spell an e-mail address or a locator are not in them. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$/;

/** Metrics of the same code are told apart by these alone: few values, and never one a person has. */
const DIMENSIONS = ['store', 'outcome', 'code'] as const;

/** Needs a person's attention at some time. Everything else is `info`. */
const WARNINGS: ReadonlySet<ReportCode> = new Set<ReportCode>([
  'ingest.quarantined',
  'proof.re-hinted',
  'dispose.capped',
  'dispose.before-the-fact',
  'ingest.failed',
  'sweep.failed',
  'timers.refused',
  'dispose.failed',
  'seal.failed',
  'seal.voided',
  'api.failed',
]);

export function levelOf(code: ReportCode): 'info' | 'warning' {
  return WARNINGS.has(code) ? 'warning' : 'info';
}

/** Structured log lines and EMF metrics over Powertools; Lambda collects both of the process's streams. */
export function powertoolsReport(service: string): Report {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'Tenure', serviceName: service });
  return (code, fields = {}) => {
    try {
      const declared = declaredOnly(fields);
      if (levelOf(code) === 'warning') logger.warn(code, declared);
      else logger.info(code, declared);
      const metric = metrics.singleMetric();
      for (const name of DIMENSIONS) {
        const value = declared[name];
        if (value !== undefined) metric.addDimension(name, String(value));
      }
      metric.addMetric(code, MetricUnit.Count, fields.count ?? 1);
    } catch {
      // A report that cannot be written must not stop what it reports on.
    }
  };
}

export function declaredOnly(fields: object): Readonly<Record<string, string | number>> {
  const declared: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(FIELDS, name)) continue;
    const kind = FIELDS[name as keyof ReportFields];
    if (kind === 'number' && typeof value === 'number' && Number.isFinite(value)) declared[name] = value;
    if (kind === 'name' && typeof value === 'string')
      declared[name] = NAME.test(value) ? value : 'not-a-name';
  }
  return declared;
}
