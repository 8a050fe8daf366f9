import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sendDeleteObjects } from '../../../shared/stores/s3/s3-answers.ts';
import { plainXml } from '../../../shared/stores/plain-xml.ts';
import { inKeyOrder } from '../../../shared/stores/s3/s3-keys.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { outcomesOf, statesOf } from '../store/store-rig.ts';
import { credentials, put, region } from '../store/store-s3-bench.ts';

const { bench, front } = await frontedS3();

const FIELDS = { Version: ['Key', 'VersionId'] };
const read = (xml: string) => plainXml(xml, 'List', FIELDS);

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('😀', '&#x1F600;');

describe('XML as S3 writes it', () => {
  test('is read with texts of any kind, and with elements that are not asked for', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '/', '&', '<', '>', '"', "'", ' ', 'é', '😀', '+', '%'),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), text, (rows, prefix) => {
        const versions = rows.map(
          ([key, id]) =>
            `<Version><Owner><ID>1</ID><Empty/></Owner><VersionId>${escaped(id)}</VersionId><Key>${escaped(key)}</Key></Version>`,
        );
        const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<List xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>${escaped(prefix)}</Prefix><Marker/>${versions.join('\n ')}<Common><Prefix>x</Prefix></Common></List>\n`;
        expect(read(xml)).toEqual({
          texts: new Map([
            ['Prefix', prefix],
            ['Marker', ''],
          ]),
          rows: rows.length === 0 ? new Map() : new Map([['Version', rows]]),
        });
      }),
    );
  });

  test('is read where rows are written like the one before them, and where they are not', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '&', '<', '>', '"', '/', ' '), maxLength: 3 });
    const element = fc.record({
      name: fc.constantFrom('Key', 'VersionId', 'Size', 'Owner'),
      within: fc.boolean(),
      isShort: fc.boolean(),
      space: fc.constantFrom('', ' '),
    });
    const shape = fc.uniqueArray(element, { maxLength: 4, selector: ({ name }) => name });
    const row = fc.record({ nth: fc.nat(1), texts: fc.array(text, { minLength: 4, maxLength: 4 }) });
    const list = fc.tuple(fc.constantFrom('Version', 'DeleteMarker'), row);
    fc.assert(
      fc.property(fc.tuple(shape, shape), fc.array(list, { maxLength: 8 }), (shapes, rows) => {
        const expected: Record<string, (string | undefined)[][]> = {};
        const written = rows.map(([kind, { nth, texts }]) => {
          const all = (shapes[nth] ?? []).map((one, index) => ({ ...one, value: texts[index] ?? '' }));
          const found = (name: string) => all.find((one) => one.name === name && !one.within)?.value;
          if (all.length > 0) (expected[kind] ??= []).push([found('Key'), found('VersionId')]);
          return all.length === 0
            ? ''
            : `<${kind}>${all
                .map(({ name, within, isShort, space, value }) => {
                  const own = value === '' && isShort ? `<${name}/>` : `<${name}>${escaped(value)}</${name}>`;
                  return (within ? `<Within>${own}</Within>` : own) + space;
                })
                .join('')}</${kind}>`;
        });
        const fields = ['Key', 'VersionId'];
        const found = plainXml(`<List>${written.join('')}</List>`, 'List', {
          Version: fields,
          DeleteMarker: fields,
        });
        const read = [...(found?.rows ?? [])].map(
          ([kind, all]) => [kind, all.map(([key, id]) => [key, id])] as const,
        );
        expect(found && Object.fromEntries(read)).toEqual(expected);
      }),
    );
  });

  test.each([
    ['', 'nothing'],
    ['<Error><Code>SlowDown</Code></Error>', 'another root'],
    ['<List><A>1</A></List><List></List>', 'two roots'],
    ['<List><A>1</A>', 'an end that is missing'],
    ['<List><A>1</B></List>', 'another end'],
    ['<List><A>1</A></List>x', 'text after the root'],
    ['<?xml version="1.0"?><?xml version="1.0"?><List><A>1</A></List>', 'two declarations'],
    ['<List><Version><Key>1</Key></Version>x<A>1</A></List>', 'text after a row'],
    [
      '<List><Version><Key>1</Key></Version><Version><Key>2</Key></Version>x</List>',
      'text after a row like the one before it',
    ],
    [
      '<List><Version><Key>1</Key></Version><Version><Key>&who;</Key></Version></List>',
      'an entity that is not known in a row like the one before it',
    ],
    [
      '<List><Version><Key>1</Key></Version><Version><Key>2<!-- a --></Key></Version></List>',
      'a comment in a row like the one before it',
    ],
    ['<List>x<A>1</A></List>', 'text beside elements'],
    ['<List><A>1</A>x</List>', 'text between elements'],
    ['<List><Version>x<Key>1</Key></Version></List>', 'text beside fields'],
    ['<List><A>1</A><A>2</A></List>', 'an element twice'],
    ['<List><Version><Key>1</Key><Key>2</Key></Version></List>', 'a field twice'],
    ['<List><Version/></List>', 'a row without fields'],
    ['<List><A b="1">1</A></List>', 'attributes'],
    ['<List b="1"><A>1</A></List>', 'other attributes of the root'],
    ['<List><!-- a --><A>1</A></List>', 'comments'],
    ['<List><A><![CDATA[1]]></A></List>', 'CDATA'],
    ['<!DOCTYPE a><List><A>1</A></List>', 'a document type'],
    ['<List><A>&who;</A></List>', 'an entity that is not known'],
    ['<List><A>1 & 2</A></List>', 'an ampersand'],
    ['<List><A>&#x110000;</A></List>', 'what is not a character'],
    ['<List><A>1</A', 'a tag that does not end'],
    ['\uFEFF<List><A>1</A></List>x', 'a mark at its beginning, and text'],
  ])('is left to the SDK: %j (%s)', (xml) => {
    expect(read(xml)).toBeUndefined();
  });

  test('is not read where it is cut off anywhere', () => {
    const version = '<Version><Key>k</Key><VersionId>1</VersionId></Version>';
    const xml = `<List><Prefix>a</Prefix>${version.repeat(3)}</List>`;
    expect(read(xml)).toBeDefined();
    for (let length = 0; length < xml.length; length += 1) expect(read(xml.slice(0, length))).toBeUndefined();
  });
});

test('keys are compared as their bytes are', () => {
  const key = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(key, key, key, (start, one, other) => {
      const [a, b] = [start + one, start + other];
      expect(Math.sign(inKeyOrder(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

describe('a bucket', () => {
  const written = async (keys: readonly string[]) => {
    const Bucket = await bench.bucket('Enabled');
    for (const Key of keys) await put(bench.client, { Bucket, Key, Body: 'x' });
    const { Versions = [] } = await bench.client.send(new ListObjectVersionsCommand({ Bucket }));
    return { Bucket, Versions, store: await bench.open(Bucket, { endpoint: front.endpoint }) };
  };
  const xmlOf = (key: string, ids: readonly (string | undefined)[], strange: string): string =>
    `<ListVersionsResult>${strange}<Prefix>${key}</Prefix><IsTruncated>false</IsTruncated>${ids
      .map(
        (id, index) =>
          `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${index === 0}</IsLatest><LastModified>2026-03-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size></Version>`,
      )
      .join('')}</ListVersionsResult>`;

  test.each([
    ['as usual', '', 'present'],
    ['with a comment', '<!-- by a proxy -->', 'present'],
    ['with CDATA', '<Note><![CDATA[<Version>]]></Note>', 'present'],
  ])('answers a list %s: its versions are there, and are deleted', async (_, strange, expected) => {
    const { Versions, store } = await written(['a']);
    const ids = Versions.map(({ VersionId }) => VersionId);
    let isListed = true;
    front.intercept = ({ url }) =>
      isListed && url.includes('versions') ? { status: 200, body: xmlOf('a', ids, strange) } : undefined;
    const [found] = await store.look([['a']]);
    expect(found?.state).toBe(expected);
    const version = found?.state === 'present' ? (found.version ?? '') : '';
    expect(version).toBe(ids[0]);
    expect(outcomesOf(await store.delete([{ locator: ['a'], version }]))).toEqual(['deleted']);
    isListed = false;
    expect(statesOf(await store.look([['a']]))).toEqual(['gone']);
    await store.close();
  });

  test.each([
    '<Error><Code>InternalError</Code></Error>',
    '<ListVersionsResult><Prefix>a</Prefix><IsTruncated>false</IsTruncated></ListVersions',
    '<ListVersionsResult><Prefix>a</Prefix><IsTruncated>false</IsTruncated><Version><Key>a</Key></Version></ListVersionsResult>',
  ])('answers 200 with %s: nothing looks gone', async (body) => {
    const { store } = await written(['a']);
    front.intercept = ({ url }) => (url.includes('versions') ? { status: 200, body } : undefined);
    expect(statesOf(await store.look([['a']]))).toEqual(['unknown']);
    front.intercept = () => undefined;
    await store.close();
  });
});

test('a deletion of many objects is sent as the SDK would send it', async () => {
  const client = new S3Client({ endpoint: front.endpoint, forcePathStyle: true, region, credentials });
  const place = { Bucket: 'anywhere', ExpectedBucketOwner: '111122223333' };
  const body = '<DeleteResult></DeleteResult>';
  front.intercept = () => ({ status: 200, body });
  const signal = AbortSignal.timeout(20_000);
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '😀', '&', '<', '>', '"', "'", '\r', '\n', '\u0085', '\u2028', ' '),
    minLength: 1,
  });
  const one = fc.oneof(fc.record({ key: text, id: text }), fc.record({ key: text, etag: text }));
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 5 }), async (objects) => {
      front.seen.length = 0;
      await sendDeleteObjects({ sdk: { DeleteObjectsCommand } as never, client, place }, objects, signal);
      const Objects = objects.map((each) =>
        'id' in each ? { Key: each.key, VersionId: each.id } : { Key: each.key, ETag: each.etag },
      );
      await client.send(new DeleteObjectsCommand({ ...place, Delete: { Objects, Quiet: false } }));
      const [ours, theirs] = front.seen.map(({ method, url, headers, body: sent }) => ({
        method,
        url,
        sent,
        type: headers['content-type'],
        length: headers['content-length'],
        hash: headers['x-amz-content-sha256'],
        checksum: headers['x-amz-checksum-crc32'],
      }));
      expect(ours).toEqual(theirs);
      expect(ours?.checksum).toBeDefined();
    }),
  );
  client.destroy();
});
