import { describe, expect, test } from 'vitest';
import { parseStatement } from '../../../local/engines/statements.ts';

const [a, b] = [{ S: 'a' }, { N: '1' }];
const PK = { S: 'H#x' };
const SK = { S: 'H' };

describe('the statements that the local engine knows', () => {
  test('an INSERT is a put where nothing is', () => {
    expect(parseStatement(`INSERT INTO "registry-1" VALUE {'PK': ?, 'SK': ?, 'r': ?}`, [PK, SK, b])).toEqual({
      operation: 'PutItem',
      input: {
        TableName: 'registry-1',
        Item: { PK, SK, r: b },
        ConditionExpression: 'attribute_not_exists(PK)',
      },
      refusal: 'DuplicateItem',
    });
  });

  test('an UPDATE is an update on the version', () => {
    const text = `UPDATE "t" SET "r"=? SET "l"=? REMOVE "d" REMOVE "h" WHERE "PK"=? AND "SK"=? AND "r"=?`;
    expect(parseStatement(text, [b, a, PK, SK, { N: '0' }])).toEqual({
      operation: 'UpdateItem',
      input: {
        TableName: 't',
        Key: { PK, SK },
        UpdateExpression: 'SET #r = :r, #l = :l REMOVE #d, #h',
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#r': 'r', '#l': 'l', '#d': 'd', '#h': 'h', '#version': 'r' },
        ExpressionAttributeValues: { ':r': b, ':l': a, ':version': { N: '0' } },
      },
      refusal: 'ConditionalCheckFailed',
    });
  });

  test.each([
    ['another verb', 'DELETE FROM "t" WHERE "PK"=? AND "SK"=?', [PK, SK]],
    ['several attributes in one clause', 'UPDATE "t" SET "r"=?, "l"=? WHERE "PK"=? AND "SK"=? AND "r"=?', []],
    ['another condition', 'UPDATE "t" SET "r"=? WHERE "PK"=? AND "SK"=? AND "x"=?', [b, PK, SK, b]],
    ['a literal', `INSERT INTO "t" VALUE {'PK': 'x', 'SK': ?}`, [SK]],
    ['too few parameters', `INSERT INTO "t" VALUE {'PK': ?, 'SK': ?}`, [PK]],
    ['too many parameters', 'UPDATE "t" SET "r"=? WHERE "PK"=? AND "SK"=? AND "r"=?', [b, PK, SK, b, b]],
  ])('%s is refused, with the statement and without its values', (_, text, parameters) => {
    expect(() => parseStatement(text, parameters)).toThrow(SyntaxError);
    expect(() => parseStatement(text, parameters)).toThrow(text);
  });
});
