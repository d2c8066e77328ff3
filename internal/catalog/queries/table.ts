import type { Work } from '../step.ts';
import { quotaUse } from '../quota-use.ts';
import { findRestore } from '../restore-lease.ts';
import type { Queries } from '../types.ts';
import { findKey, findKeyByHash, findUser, listKeys, listUsers } from './auth-people.ts';
import {
  authVersion,
  findInvitation,
  findRefreshToken,
  isTokenRevoked,
  listSigningKeys,
  readPolicy,
} from './auth-rules.ts';
import {
  findArtifact,
  findGeneration,
  listArtifacts,
  listArtifactsBelow,
  listDescribed,
  listGenerations,
} from './artifacts.ts';
import { listAudit } from './audit.ts';
import { findBlob, listHolders } from './blobs.ts';
import { countUnsealed, findCursor, listChanges, listSeals } from './changes.ts';
import { findContent, listBlobs } from './content.ts';
import { findBlobUse } from './blob-use.ts';
import { findDeletion, findHeldBlob, listCandidates } from './gc.ts';
import { listManifests } from './manifest-facts.ts';
import { findManifest, findTag } from './manifests.ts';
import { findDeletedManifest, findTagMove, listDeletedManifests } from './history.ts';
import { listReferrers } from './referrers.ts';
import { listManifestTimes, listTagTimes, pullsSince } from './retention.ts';
import { listGcRuns, listScrubRuns } from './runs.ts';
import { listHurt, listQuarantine } from './scrub.ts';
import { listBlobShares, listRepositoryBytes, listUploadBytes } from './storage-use.ts';
import { hasRepository, listRepositories } from './repositories.ts';
import { findProfile, findSession, listWorkloadRules } from './sign-in.ts';
import { listTagMoves, listTags } from './tags.ts';
import { totals } from './totals.ts';
import { findUpload } from './uploads.ts';

type QueryTable = {
  readonly [Name in keyof Queries]: (...args: Parameters<Queries[Name]>) => Work<Awaited<ReturnType<Queries[Name]>>>;
};

/** Every query, as any engine drives it. */
export const QUERIES = {
  hasRepository,
  findManifest,
  findTag,
  findBlob,
  listHolders,
  listTags,
  listRepositories,
  listReferrers,
  findUpload,
  listTagMoves,
  listChanges,
  listSeals,
  countUnsealed,
  listAudit,
  findCursor,
  findRestore,
  listBlobs,
  findContent,
  listManifests,
  totals,
  findArtifact,
  listArtifacts,
  listArtifactsBelow,
  listDescribed,
  findGeneration,
  listGenerations,
  findDeletion,
  findHeldBlob,
  listCandidates,
  findBlobUse,
  listGcRuns,
  findTagMove,
  findDeletedManifest,
  listDeletedManifests,
  listTagTimes,
  listManifestTimes,
  pullsSince,
  quotaUse,
  listBlobShares,
  listRepositoryBytes,
  listUploadBytes,
  listQuarantine,
  listHurt,
  listScrubRuns,
  authVersion,
  readPolicy,
  findUser,
  listUsers,
  findKey,
  findKeyByHash,
  listKeys,
  findRefreshToken,
  isTokenRevoked,
  listSigningKeys,
  findInvitation,
  findProfile,
  findSession,
  listWorkloadRules,
} satisfies QueryTable;
