import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inBody,
  inHeader,
  inPath,
  templateProblem,
  type Named,
} from '../../../shared/stores/http/vendor-template.ts';

const named = (values: Record<string, string>): Named => new Map(Object.entries(values));

describe('a template of a request to a vendor', () => {
  it('has values in its path, its headers and its body', () => {
    const values = named({ list: 'l 1', email: 'Ann@Example.com', 'secret.key': 'k-1' });
    expect(inPath('/lists/{list}/members/{email|lowercase|md5}?by={email}', values)).toBe(
      '/lists/l%201/members/257c57037d384ae37ea27a07e8a01665?by=Ann%40Example.com',
    );
    expect(inPath('{email|lowercase|md5}', named({ email: 'Ann@Example.com' }))).toBe(
      inPath('{email|md5}', named({ email: 'ann@example.com' })),
    );
    expect(inHeader('Bearer {secret.key}', values)).toBe('Bearer k-1');
    expect(inBody({ ids: ['{list}', 1, null, true], at: { email: 'x{email}y' } }, values)).toEqual({
      ids: ['l 1', 1, null, true],
      at: { email: 'xAnn@Example.comy' },
    });
  });

  it('puts a value into one segment of the path, or refuses it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (value) => {
        let path: string;
        try {
          path = inPath('/customers/{id}/end', named({ id: value }));
        } catch (error) {
          expect(error).toMatchObject({ code: 'VENDOR_TEMPLATE' });
          expect(['.', '..', ...(value.isWellFormed() ? [] : [value])]).toContain(value);
          return;
        }
        const url = new URL(path, 'https://api.example.com');
        expect(url.origin).toBe('https://api.example.com');
        expect(url.search + url.hash).toBe('');
        const [, first, segment = '', last, ...more] = url.pathname.split('/');
        expect([first, last, more]).toEqual(['customers', 'end', []]);
        expect(decodeURIComponent(segment)).toBe(value);
      }),
    );
  });

  it('puts a value into one header, or refuses it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (value) => {
        const template = 'Bearer {id}';
        try {
          expect(inHeader(template, named({ id: value }))).toBe(`Bearer ${value}`);
          expect(value).toMatch(/^[\x20-\x7e]+$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'VENDOR_TEMPLATE' });
          expect(value).not.toMatch(/^[\x20-\x7e]*$/);
        }
      }),
    );
  });

  it('keeps the structure of a body, whatever a value is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        expect(JSON.parse(JSON.stringify(inBody({ a: ['{id}'] }, named({ id: value }))))).toEqual({
          a: [value],
        });
      }),
    );
  });

  it('does not say a value that it refuses', () => {
    for (const refuse of [
      () => inHeader('{id}', named({ id: 'value-of-x\n' })),
      () => inPath('/{id}', named({ id: '..' })),
      () => inPath('/{id}', named({ id: 'value-of-x\ud800' })),
    ])
      expect(refuse).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('value-of') }) as Error,
      );
  });

  it('is not sent when a value is absent or empty', () => {
    expect(() => inPath('/customers/{id}', named({}))).toThrow('There is no value for {id}');
    expect(() => inPath('/customers/{id}', named({ id: '' }))).toThrow('There is no value for {id}');
  });

  it('is refused with a name that does not exist, a change that does not exist, or an open brace', () => {
    const names = new Set(['id', 'secret.key']);
    expect(templateProblem('/a/{id|lowercase|md5}', names)).toBeUndefined();
    expect(templateProblem('/a/{od}', names)).toBe('names {od}; use one of: id, secret.key');
    expect(templateProblem('/a/{id|rot13}', names)).toContain('changes a value by "rot13"');
    expect(templateProblem('/a/{id', names)).toContain('a brace without its other one');
    expect(templateProblem('/a/{}', names)).toContain('a place that is not a name');
  });
});
