import { describe } from '@jest/globals';
import { describeArtifacts } from './artifacts.suite.ts';
import { describeAuth } from './auth.suite.ts';
import { describeAudit } from './audit.suite.ts';
import { describeBlobs } from './blobs.suite.ts';
import type { OpenCatalog } from './fixtures.suite.ts';
import { describeGc } from './gc.suite.ts';
import { describeLeases } from './leases.suite.ts';
import { describeLimits } from './limits.suite.ts';
import { describeLog } from './log.suite.ts';
import { describeGuards } from './guards.suite.ts';
import { describeHistory } from './history.suite.ts';
import { describeManifests } from './manifests.suite.ts';
import { describeUsage } from './usage.suite.ts';
import { describeRetention } from './retention.suite.ts';
import { describePages } from './pages.suite.ts';
import { describeReferrers } from './referrers.suite.ts';
import { describeRestore } from './restore.suite.ts';
import { describeScrub } from './scrub.suite.ts';
import { describeSignIn } from './sign-in.suite.ts';
import { describeUploads } from './uploads.suite.ts';

/** What any catalog promises. `open` gives one with nothing in it, each time. */
export function describeCatalog(name: string, open: OpenCatalog): void {
  describe(`Catalog contract: ${name}`, () => {
    describeArtifacts(open);
    describeAuth(open);
    describeBlobs(open);
    describeManifests(open);
    describeUsage(open);
    describeRetention(open);
    describeHistory(open);
    describeGuards(open);
    describePages(open);
    describeReferrers(open);
    describeUploads(open);
    describeLog(open);
    describeAudit(open);
    describeLeases(open);
    describeLimits(open);
    describeGc(open);
    describeScrub(open);
    describeRestore(open);
    describeSignIn(open);
  });
}
