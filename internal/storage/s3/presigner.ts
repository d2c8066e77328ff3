import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Presigns } from '../driver.ts';
import type { Caller } from './caller.ts';
import type { Clients } from './client.ts';
import type { Names } from './names.ts';

/** Signs URLs by which clients read objects themselves. */
export function createPresigner(
  { urls, reads }: Clients,
  caller: Caller,
  { Bucket, full }: Names,
  clock: () => number,
): Presigns {
  return {
    presign: (key, seconds) =>
      caller.call(`sign a URL of ${key}`, async () => {
        // From its answers, the client that reads knows how far this machine's clock is off.
        const signingDate = new Date(clock() + reads.config.systemClockOffset);
        const command = new GetObjectCommand({ Bucket, Key: full(key) });
        return new URL(await getSignedUrl(urls, command, { expiresIn: seconds, signingDate }));
      }),
  };
}
