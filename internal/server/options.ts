import { AUTH_OPTIONS, LIMIT_OPTIONS, SIGN_IN_OPTIONS, signInProblems } from '../auth/index.ts';
import { CATALOG_OPTIONS } from '../catalog/index.ts';
import { CORE_OPTIONS, type ConfigOf } from '../config/index.ts';
import { FACADE_OPTIONS, facadeProblems } from '../facades/index.ts';
import { GC_OPTIONS, RETENTION_OPTIONS } from '../gc/index.ts';
import { BACKUP_OPTIONS, SCRUB_OPTIONS } from '../maintenance/index.ts';
import { REGISTRY_OPTIONS } from '../registry/index.ts';
import { BACKUP_S3_OPTIONS, STORAGE_OPTIONS } from '../storage/index.ts';

/** The option tables of every part, for the configuration. */
export const OPTION_TABLES = [
  CORE_OPTIONS,
  STORAGE_OPTIONS,
  CATALOG_OPTIONS,
  REGISTRY_OPTIONS,
  GC_OPTIONS,
  RETENTION_OPTIONS,
  BACKUP_OPTIONS,
  BACKUP_S3_OPTIONS,
  SCRUB_OPTIONS,
  AUTH_OPTIONS,
  SIGN_IN_OPTIONS,
  LIMIT_OPTIONS,
  FACADE_OPTIONS,
] as const;

/** What is wrong with settings that are right each by itself, a sentence each. */
export const judgeConfig = (config: Config): readonly string[] => [
  ...signInProblems(config),
  ...facadeProblems(config),
];

/** The whole configuration of the server, flat by key and frozen. */
export type Config = ConfigOf<(typeof OPTION_TABLES)[number]>;
