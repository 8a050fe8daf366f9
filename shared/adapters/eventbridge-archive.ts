import {
  type ArchiveState,
  DescribeArchiveCommand,
  type EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import type { Archive } from '../ports/archive.ts';

/** While an archive is changed it still takes events. */
const TAKES_EVENTS: ReadonlySet<ArchiveState | undefined> = new Set(['ENABLED', 'CREATING', 'UPDATING']);
/** The count is up to date within 24 hours. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html */
const COUNTED = 2 * 86_400_000;

/**
 * EventBridge has no metric of an archive, and says nothing when one cannot encrypt any more: only its description does.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeArchive.html
 */
export function eventBridgeArchive(client: EventBridgeClient, ArchiveName: string): Archive {
  return {
    async state(now) {
      try {
        const found = await client.send(new DescribeArchiveCommand({ ArchiveName }));
        const { State, EventCount = 0, CreationTime } = found;
        const isEmpty = EventCount === 0 && (CreationTime?.getTime() ?? now) < now - COUNTED;
        return TAKES_EVENTS.has(State) && !isEmpty ? 'working' : 'stopped';
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return 'stopped';
        throw error;
      }
    },
  };
}
