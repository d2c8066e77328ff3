import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RealService } from '../../storage/s3/service.suite.ts';
import { openTempFolder } from '../temp-folder.ts';
import { startDaemon } from './child.ts';
import { programOf } from './clients.ts';
import { findFreePort } from './ports.ts';

/** A real S3 service of the tests' own. */
export interface S3Service extends RealService {
  /** Where the bucket's objects lie as files, each under its key. */
  readonly folder: string;
  /** Ends it and leaves nothing behind. */
  close(): Promise<void>;
}

const BUCKET = 'octoserve';
const HEALTH = '/healthy';

/** Starts versitygw on a folder of its own, with one empty bucket. */
export async function startVersitygw(): Promise<S3Service> {
  const home = await openTempFolder('octoserve-s3');
  const folder = join(home.path, BUCKET);
  await mkdir(folder);
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [accessKeyId, secretAccessKey] = ['octoserve-tests', randomBytes(20).toString('hex')];
  const flags = ['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', '--health', HEALTH];
  const daemon = await startDaemon(programOf('versitygw'), [...flags, 'posix', home.path], {
    env: { ...process.env, ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
    isReady: () =>
      fetch(endpoint + HEALTH).then(
        ({ ok }) => ok,
        () => false,
      ),
  }).catch(async (failure: unknown) => {
    await home.remove();
    throw failure;
  });
  return {
    endpoint,
    bucket: BUCKET,
    accessKeyId,
    secretAccessKey,
    folder,
    async close() {
      await daemon.end('SIGTERM');
      await home.remove();
    },
  };
}
