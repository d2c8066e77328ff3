import { FIRST } from './0001-first.ts';
import { AUTH } from './0002-auth.ts';
import { AUDIT } from './0003-audit.ts';
import { GC } from './0004-gc.ts';
import { SIGN_IN } from './0005-sign-in.ts';
import { LIMITS } from './0006-limits.ts';
import { PARENTS } from './0006-parents.ts';
import { HISTORY } from './0007-history.ts';
import { RETENTION } from './0008-retention.ts';
import { REPOSITORY_USAGE } from './0009-usage.ts';
import { FACTS } from './0010-facts.ts';
import { SCRUB } from './0011-scrub.ts';
import { STATISTICS_OF_TABLES } from './0012-statistics.ts';
import { LISTED } from './0013-listed.ts';
import { DISTINCT_REPOSITORIES } from './0014-distinct.ts';
import type { Migration } from './migration.ts';

/** Every migration, in the order in which they are applied. */
export const MIGRATIONS: readonly Migration[] = [
  FIRST,
  AUTH,
  AUDIT,
  GC,
  SIGN_IN,
  LIMITS,
  PARENTS,
  HISTORY,
  RETENTION,
  REPOSITORY_USAGE,
  FACTS,
  SCRUB,
  STATISTICS_OF_TABLES,
  LISTED,
  DISTINCT_REPOSITORIES,
];
