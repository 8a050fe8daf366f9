import Table from 'cli-table3';
import { exceeded, type Row } from './row.ts';

export interface BenchReport {
  readonly rows: readonly Row[];
  /** The load shows what else the machine had to do. */
  readonly machine: { readonly cores: number; readonly load: number; readonly node: string };
}

export function reportText({ rows, machine }: BenchReport): string {
  const table = new Table({
    head: ['', 'measured', 'limit', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'left'],
  });
  for (const row of rows) table.push([row.what, rounded(row.measured), limitText(row), verdict(row)]);
  const { cores, load, node } = machine;
  return `${table.toString()}\n\n${cores} cores, load ${load.toFixed(1)}, Node ${node}. What has no limit depends on the machine, or on prices.`;
}

function limitText({ limit, isLeast }: Row): string {
  if (limit === undefined) return '';
  return `${isLeast ? '≥' : '≤'} ${rounded(limit)}`;
}

function verdict(row: Row): string {
  if (row.limit === undefined) return '';
  return exceeded(row) ? 'EXCEEDED' : 'ok';
}

function rounded(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 3 : 1 });
}
