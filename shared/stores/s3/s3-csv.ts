import { columnMasks } from '../../domain/record/mask-tree.ts';
import type { Mask, Masks } from '../../domain/record/masks.ts';
import { isDocumentFieldMasked, maskDocumentField } from '../document-dates.ts';
import { held, type Masker, UnfitContent } from './s3-masker.ts';

interface Column {
  readonly index: number;
  readonly mask: Mask;
}

/**
 * RFC 4180 with a header line, separated by commas, lines ended by CRLF or LF. Every masked column must be in the
 * header (unless its mask says `if present`), and every row must have the same number of fields as the header.
 * Otherwise a value could be left unmasked. Blank lines before the header are skipped, as most readers do.
 */
export function csvMasker(masks: Masks, key: Uint8Array): Masker {
  const wanted = wantedOf(masks);
  const record = held();
  let header: { readonly width: number; readonly columns: readonly Column[] } | undefined;
  let isFirst = true;
  let inQuotes = false;
  let changed = false;

  function maskLine(line: string): string {
    const [, content = '', ending = ''] = /^(.*?)(\r?\n?)$/s.exec(line) ?? [];
    // Binary content, or UTF-16.
    if (line.includes('\0')) throw new UnfitContent();
    if (!header) {
      const names = isFirst && content.startsWith('\uFEFF') ? content.slice(1) : content;
      isFirst = false;
      if (names.trim() !== '') header = headerOf(fieldsOf(names), wanted);
      return line;
    }
    const fields = fieldsOf(content);
    if (content === '' && header.width > 1) return line;
    if (fields.length !== header.width) throw new UnfitContent();
    for (const { index, mask } of header.columns) {
      const masked = maskedField(fields[index] ?? '', mask, key);
      if (masked === undefined) continue;
      fields[index] = masked;
      changed = true;
    }
    return fields.join(',') + ending;
  }

  return {
    isChanged: () => changed,
    write(text) {
      let out = '';
      let from = 0;
      for (let index = 0; index < text.length; index += 1) {
        const char = text.charAt(index);
        // A doubled quote closes and opens again.
        if (char === '"') inQuotes = !inQuotes;
        if (char !== '\n' || inQuotes) continue;
        record.add(text.slice(from, index + 1));
        out += maskLine(record.take());
        from = index + 1;
      }
      record.add(text.slice(from));
      return out;
    },
    end() {
      if (inQuotes) throw new UnfitContent();
      const last = record.take();
      return last === '' ? '' : maskLine(last);
    },
  };
}

/** CSV has no fields inside a field. */
function wantedOf(masks: Masks): ReadonlyMap<string, Mask> {
  const wanted = columnMasks(masks);
  if (!wanted) throw new UnfitContent();
  return wanted;
}

function headerOf(
  fields: readonly string[],
  masks: ReadonlyMap<string, Mask>,
): { width: number; columns: Column[] } {
  const names = fields.map(valueOf);
  const absent = [...masks].filter(([name]) => !names.includes(name));
  // A table that is separated by something else, or with spaces after its commas, looks like one without the column.
  const isOther =
    absent.length > 0 &&
    names.some((name) => /[;|\p{Cc}]/u.test(name) || absent.some(([wanted]) => name.trim() === wanted));
  if (isOther || absent.some(([, mask]) => mask.ifPresent !== true)) throw new UnfitContent();
  const columns = names.flatMap((name, index) => {
    const mask = masks.get(name);
    return mask ? [{ index, mask }] : [];
  });
  return { width: names.length, columns };
}

/** The fields as written, with their quotes. */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    const end = line.startsWith('"', at) ? endOfQuoted(line, at) : endOfPlain(line, at);
    if (end < line.length && line.charAt(end) !== ',') throw new UnfitContent();
    fields.push(line.slice(at, end));
    at = end + 1;
  }
  return fields;
}

function endOfQuoted(line: string, quote: number): number {
  for (let from = quote + 1; ;) {
    const next = line.indexOf('"', from);
    if (next < 0) throw new UnfitContent();
    if (line.charAt(next + 1) !== '"') return next + 1;
    from = next + 2;
  }
}

function endOfPlain(line: string, from: number): number {
  const comma = line.indexOf(',', from);
  const end = comma < 0 ? line.length : comma;
  if (/["\r]/.test(line.slice(from, end))) throw new UnfitContent();
  return end;
}

function valueOf(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
}

/** The text that replaces a field; `undefined` when it shows what the mask promises. All values in CSV are text. */
function maskedField(field: string, mask: Mask, key: Uint8Array): string | undefined {
  const text = valueOf(field);
  const value = text === '' ? null : text;
  const wanted = mask.kind === 'constant' ? ({ ...mask, value: String(mask.value) } as const) : mask;
  if (isDocumentFieldMasked(value ?? (wanted.kind === 'constant' ? '' : null), wanted, key)) return undefined;
  const masked = maskDocumentField(value, wanted, key);
  if (!masked.fits) throw new UnfitContent();
  const out = masked.value == null ? '' : String(masked.value);
  return field.startsWith('"') || /[",\r\n]/.test(out) ? `"${out.replaceAll('"', '""')}"` : out;
}
