import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Report, ReportCode, ReportFields } from '../ports/report.ts';

/**
 * Every field that may be logged, and the form of its values. Anything else is dropped at run time, even if it passed
 * the type checker.
 */
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

/** Names come from configuration and code. The pattern excludes characters of e-mail addresses and locators. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$/;

/** The only dimensions of a metric: few values, and none that belongs to a person. */
const DIMENSIONS = ['store', 'outcome', 'code'] as const;

/** Codes that need a person's attention at some point. Every other code is `info`. */
const WARNINGS: ReadonlySet<ReportCode> = new Set<ReportCode>([
  'ingest.quarantined',
  'census.re-hinted',
  'holding.set-aside',
  'dispose.capped',
  'dispose.before-the-fact',
  'ingest.failed',
  'ingest.late-fact',
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

/** How AWS services and the connectors report missing permissions. */
const DENIED = /^(AccessDenied|NotAuthorized|UnauthorizedOperation)|^(STORE_DENIED|42501)$/;
/** Counts every line with such a code, in addition to the line's own metric. */
const DENIED_METRIC = 'access.denied';

/**
 * Structured log lines and EMF metrics over Powertools; Lambda collects both of the process's streams. Every metric is
 * written twice: with all of its dimensions, and with the service alone, which alarms use.
 * `POWERTOOLS_METRICS_NAMESPACE` keeps two deployments in one account apart.
 */
export function powertoolsReport(service: string): Report {
  const logger = new Logger({ serviceName: service });
  const namespace = process.env['POWERTOOLS_METRICS_NAMESPACE'] ?? 'Tenure';
  return (code, fields = {}) => {
    try {
      const declared = declaredOnly(fields);
      if (levelOf(code) === 'warning') logger.warn(code, declared);
      else logger.info(code, declared);
      const metrics = new Metrics({ namespace, serviceName: service });
      for (const name of DIMENSIONS) {
        const value = declared[name];
        if (value !== undefined) metrics.addDimension(name, String(value));
      }
      metrics.addDimensions({});
      const { count = 1, seconds } = declared;
      metrics.addMetric(code, MetricUnit.Count, Number(count));
      if (seconds !== undefined) metrics.addMetric(`${code}.seconds`, MetricUnit.Seconds, Number(seconds));
      if (DENIED.test(String(declared['code']))) metrics.addMetric(DENIED_METRIC, MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    } catch {
      // A failure to report must not stop the work that is reported.
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
