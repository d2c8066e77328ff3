import { parseBackupPlace } from '../../storage/index.ts';
import type { ConfigOf, Option } from '../../config/index.ts';
import { parseSchedule } from './schedule.ts';

export const BACKUP_OPTIONS = [
  {
    key: 'backup.target',
    type: 'string',
    default: undefined,
    doc: 'Where backups are kept: a folder apart from the storage, or s3://bucket/prefix (reached as backup.s3 says).',
    check: (text: string) => {
      const place = parseBackupPlace(text, '/');
      return typeof place === 'string' ? place : undefined;
    },
  },
  {
    key: 'backup.schedule',
    type: 'string',
    default: undefined,
    doc: 'When the server makes a backup: so often (24h), or every day at a time in UTC (daily at 03:00); by hand only where it is not set.',
    needs: 'backup.target',
    check: (text: string) =>
      parseSchedule(text)
        ? undefined
        : 'must be a duration of a minute or more, as 24h, or a time of day, as daily at 03:00',
  },
  {
    key: 'backup.keep',
    type: 'integer',
    default: 7,
    doc: 'How many backups are kept in the target, whoever made them; older ones go, with what only they name. 0: all.',
    check: (value: number) => (value >= 0 ? undefined : 'must be 0 or more'),
  },
] as const satisfies readonly Option[];

export type BackupConfig = ConfigOf<typeof BACKUP_OPTIONS>;
