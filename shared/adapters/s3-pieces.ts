import { OWN_LIMITS, type RequestLimits } from '../domain/request-limits.ts';
import type { Exports } from '../ports/exports.ts';
import { AdapterError } from './adapter-error.ts';
import type { S3Place } from './s3-place.ts';
import { errorName, requestS3 } from './s3-request.ts';

/** What lanes write to the bucket of exports. S3's client would be a fifth of the bundle of a lane that keeps no objects. */
export function s3Pieces(place: S3Place, limits: RequestLimits = OWN_LIMITS): Pick<Exports, 'putPiece'> {
  return {
    async putPiece(key, bytes) {
      const answer = await requestS3(place, limits, { key, body: new Uint8Array(bytes) });
      if (answer.status === 200) return;
      throw new AdapterError(
        'EXPORT_REFUSED',
        `S3 refused to store a part of a person's copy: ${errorName(answer)}, status ${answer.status}. Check that the bucket of exports is there, and that the lane's role may write to its pieces.`,
      );
    },
  };
}
