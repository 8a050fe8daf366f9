import { codeOf } from '../../domain/error-code.ts';
import { present } from '../../domain/present.ts';
import type { Notice } from '../../domain/record/notice.ts';
import type { Upkeep } from '../../ports/upkeep.ts';
import { dynamoReplays } from '../replay/dynamo-replays.ts';
import { hourId } from '../../domain/calendar/utc-time.ts';
import { behindName, behindOf, columnsOf, fromHeartbeatItem, HEARTBEAT } from './dynamo-heartbeat.ts';
import { isTooNew, SCHEMA, type StoredItem, ttl } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { ABSENT, EXISTS, PAGE_ITEMS, versionIs } from './dynamo-table.ts';
import { duePartition, fromDueItem, toDueItem } from '../marks/dynamo-due-item.ts';
import {
  censusListPartition,
  censusPartition,
  coverageKey,
  fromCensusItem,
  fromCensusListItem,
  fromCoverageItem,
  fromNewestCensusItem,
  fromNoticeItem,
  fromPolicyRunItem,
  fromQuarantinedItem,
  fromSetAsideItem,
  fromWalkItem,
  NEWEST_CENSUS,
  NOTICE,
  POLICY_RUN,
  QUARANTINE,
  setAsideKey,
  setAsidePartition,
  toCensusItem,
  toCensusListItems,
  toCoverageItem,
  toNoticeItem,
  toPolicyRunItem,
  toQuarantinedItem,
  toSetAsideItem,
  toWalkItem,
  walkKey,
} from './dynamo-upkeep-item.ts';

const QUOTA_DAYS = 2;

/** A damaged one, or one of a kind that only another release knows, concerns itself alone. */
function readableNotice(item: StoredItem): Notice[] {
  try {
    return [fromNoticeItem(item)];
  } catch (error) {
    if (codeOf(error) === 'ITEM_INVALID' || isTooNew(item)) return [];
    throw error;
  }
}

/** Marks, walks, what is set aside, and what waits for an operator. */
export function dynamoUpkeep(table: DynamoTable): Upkeep {
  return {
    ...dynamoReplays(table),

    async putHeartbeat(sent) {
      const change = { expression: 'SET s = :s, v = :v', values: { ':s': sent, ':v': SCHEMA } };
      await table.update(HEARTBEAT, change, 'attribute_not_exists(s) OR s < :s');
    },

    async heartbeat() {
      const item = await table.get(HEARTBEAT);
      return item && fromHeartbeatItem(item);
    },

    async noteBehind(producer, { now, until }) {
      const note = (condition: string, values: StoredItem) =>
        table.update(
          HEARTBEAT,
          {
            expression: 'SET #b = :until, v = :v',
            names: { '#b': behindName(producer) },
            values: { ':until': until, ':v': SCHEMA, ...values },
          },
          condition,
        );
      if ((await note('attribute_not_exists(#b) OR #b < :now', { ':now': now })) !== undefined) return 'new';
      await note('#b < :until', {});
      return 'known';
    },

    async intake() {
      const item = await table.get(HEARTBEAT);
      if (item === undefined) return { behind: new Map() };
      const columns = columnsOf(item);
      return {
        behind: behindOf(item),
        ...present({
          heartbeat: fromHeartbeatItem(item),
          columns: columns.size > 0 ? columns : undefined,
        }),
      };
    },

    async takeQuota(producer, items, { hour, most }) {
      if (items > most) return 'over';
      const change = {
        expression: 'SET v = :v, #ttl = :ttl ADD n :items',
        names: { '#ttl': 'ttl' },
        values: { ':v': SCHEMA, ':ttl': ttl(hour, QUOTA_DAYS), ':items': items, ':room': most - items },
      };
      const key = { PK: `X#${producer}`, SK: hourId(hour) };
      const taken = await table.update(key, change, 'attribute_not_exists(n) OR n <= :room');
      return taken === undefined ? 'over' : 'taken';
    },

    async walk(id) {
      const item = await table.get(walkKey(id));
      return item === undefined ? { id, version: 0, at: 0 } : fromWalkItem(item);
    },

    async putWalk(next) {
      return (await table.put(toWalkItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async deleteWalk(id) {
      await table.delete(walkKey(id));
    },

    async policyRun() {
      const item = await table.get(POLICY_RUN);
      return item && fromPolicyRunItem(item);
    },

    async putPolicyRun(next, former) {
      const unmoved =
        former === undefined ? ABSENT : { expression: 'd = :former', values: { ':former': former } };
      return (await table.put(toPolicyRunItem(next), unmoved)) ? 'written' : 'moved';
    },

    async setAside(item) {
      // With the same code it keeps the time since when.
      const isNew = 'attribute_not_exists(PK) OR c <> :code';
      await table.put(toSetAsideItem(item), { expression: isNew, values: { ':code': item.code } });
    },

    async setAsides(store, after) {
      const page = await table.page({ partition: setAsidePartition(store), after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromSetAsideItem) };
    },

    async takeBack(item) {
      await table.delete(setAsideKey(item));
    },

    async putCensus(page) {
      await table.putAll(toCensusListItems(page));
      await table.put(toCensusItem(page));
    },

    async census(run, after) {
      const page = await table.page({ partition: censusPartition(run), after });
      return { ...page, items: page.items.map(fromCensusItem) };
    },

    async censusList(run, reason, after) {
      const page = await table.page({ partition: censusListPartition(run, reason), after, limit: 1 });
      return { ...page, items: page.items.flatMap(fromCensusListItem) };
    },

    async putDue(page) {
      await table.put(toDueItem(page));
    },

    async due(run, after) {
      const page = await table.page({ partition: duePartition(run), after, limit: 1 });
      return { ...page, items: page.items.flatMap(fromDueItem) };
    },

    async putNewestCensus(id) {
      const change = { expression: 'SET i = :i, v = :v', values: { ':i': id, ':v': SCHEMA } };
      await table.update(NEWEST_CENSUS, change, 'attribute_not_exists(PK) OR i < :i');
    },

    async newestCensus() {
      const item = await table.get(NEWEST_CENSUS);
      return item && fromNewestCensusItem(item);
    },

    async coverage(store) {
      const item = await table.get(coverageKey(store));
      return item && fromCoverageItem(item);
    },

    async putCoverage(store, coverage) {
      await table.put(toCoverageItem(store, coverage));
    },

    async putNotices(all) {
      await table.putAll(all.map(toNoticeItem));
    },

    async notices(after) {
      const page = await table.page({ partition: NOTICE, after, limit: PAGE_ITEMS });
      const items = page.items.flatMap(readableNotice);
      return { ...page, items, damaged: page.items.length - items.length };
    },

    async deleteNotices(ids) {
      await table.deleteAll(ids.map((id) => ({ PK: NOTICE, SK: id })));
    },

    async putQuarantined(item) {
      await table.put(toQuarantinedItem(item));
    },

    async quarantined(after) {
      const page = await table.page({ partition: QUARANTINE, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromQuarantinedItem) };
    },

    async quarantinedItem(id) {
      const item = await table.get({ PK: QUARANTINE, SK: id });
      return item && fromQuarantinedItem(item);
    },

    async replaceQuarantined(item) {
      return (await table.put(toQuarantinedItem(item), EXISTS)) ? 'replaced' : 'unknown';
    },

    async noteTry(id, at) {
      const change = { expression: 'SET t = :t', values: { ':t': at } };
      const key = { PK: QUARANTINE, SK: id };
      return (await table.update(key, change, EXISTS.expression)) === undefined ? 'unknown' : 'noted';
    },

    async removeQuarantined(id) {
      return (await table.delete({ PK: QUARANTINE, SK: id }, EXISTS)) ? 'removed' : 'unknown';
    },
  };
}
