import { createProgram, type Program } from '../../internal/cli/index.ts';
import { audit } from './commands/audit.ts';
import { auditVerify } from './commands/audit-verify.ts';
import { backup } from './commands/backup.ts';
import { backupList } from './commands/backup-list.ts';
import { backupVerify } from './commands/backup-verify.ts';
import { configCheck } from './commands/config-check.ts';
import { configSchema } from './commands/config-schema.ts';
import { configShow } from './commands/config-show.ts';
import { du } from './commands/du.ts';
import { dump } from './commands/dump.ts';
import { exportFoundry } from './commands/export-foundry.ts';
import { gc } from './commands/gc.ts';
import { gcExplain } from './commands/gc-explain.ts';
import { importFoundry } from './commands/import-foundry.ts';
import { importOctoserve } from './commands/import-octoserve.ts';
import { load } from './commands/load.ts';
import { migrateStorage } from './commands/migrate-storage.ts';
import { rebuild } from './commands/rebuild.ts';
import { restore } from './commands/restore.ts';
import { retentionPlan } from './commands/retention-plan.ts';
import { retentionRun } from './commands/retention-run.ts';
import { scrub } from './commands/scrub.ts';
import { serve } from './commands/serve.ts';
import { tagHistory } from './commands/tag-history.ts';
import { tagResolve } from './commands/tag-resolve.ts';
import { tagRestore } from './commands/tag-restore.ts';
import { tagRollback } from './commands/tag-rollback.ts';
import { verify } from './commands/verify.ts';
import { version } from './commands/version.ts';
import { PEOPLE_COMMANDS } from './commands/people.ts';
import { VERSION_LINE } from './version-line.ts';

/** The program `octoserve`: serves unless told otherwise. */
export function createOctoserve(): Program {
  return createProgram({
    name: 'octoserve',
    description: 'A registry for images, artifacts and tools that speaks the OCI Distribution Specification.',
    version: VERSION_LINE,
    options: [{ flags: '--config <path>', doc: 'the configuration: JSON, TOML or YAML (default: config.json)' }],
    groups: {
      retention: 'Lets go of tags and manifests that no rule keeps.',
      tag: 'Tells what tags were, and brings that back.',
      config: 'Checks, shows and describes the configuration.',
      user: 'Users of the catalog: who there is.',
      key: 'Keys of users and robots.',
      role: 'What roles allow.',
      binding: 'Who has which role where.',
      auth: 'What the rules say.',
      import: 'Brings what other programs kept into this registry.',
      export: 'Writes what this registry has as other programs keep it.',
    },
    commands: [
      serve,
      configCheck,
      configShow,
      configSchema,
      gc,
      gcExplain,
      du,
      retentionPlan,
      retentionRun,
      tagHistory,
      tagResolve,
      tagRollback,
      tagRestore,
      backup,
      backupList,
      backupVerify,
      restore,
      dump,
      load,
      rebuild,
      verify,
      scrub,
      audit,
      auditVerify,
      ...PEOPLE_COMMANDS,
      migrateStorage,
      importOctoserve,
      importFoundry,
      exportFoundry,
      version,
    ],
    defaultCommand: 'serve',
  });
}
