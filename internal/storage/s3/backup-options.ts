import type { ConfigOf, Option } from '../../config/index.ts';
import { checkEndpoint, type S3Config } from './options.ts';

/** How the bucket of backups is reached. None of it is taken from `storage.s3`: that may be another service. */
export const BACKUP_S3_OPTIONS = [
  {
    key: 'backup.s3.endpoint',
    type: 'string',
    default: undefined,
    doc: 'The URL of the service that speaks S3 and keeps the backups of a target s3://...; AWS where it is not set.',
    check: checkEndpoint,
  },
  {
    key: 'backup.s3.region',
    type: 'string',
    default: undefined,
    doc: 'The region of the bucket of backups; us-east-1 where only an endpoint is set, else what the AWS SDK finds.',
  },
  {
    key: 'backup.s3.path_style',
    type: 'boolean',
    default: undefined,
    doc: 'Whether that bucket is in the path of a URL and not in its host name; true where an endpoint is set.',
  },
  {
    key: 'backup.s3.access_key_id',
    type: 'string',
    default: undefined,
    doc: 'The access key for backups; where it is not set, the AWS SDK looks for credentials (environment, files, instance).',
    needs: 'backup.s3.secret_access_key',
  },
  {
    key: 'backup.s3.secret_access_key',
    type: 'string',
    default: undefined,
    doc: 'The secret of that access key.',
    secret: true,
    needs: 'backup.s3.access_key_id',
  },
  {
    key: 'backup.s3.session_token',
    type: 'string',
    default: undefined,
    doc: 'The session token of a temporary access key for backups.',
    secret: true,
    needs: 'backup.s3.access_key_id',
  },
  {
    key: 'backup.s3.sse',
    type: ['AES256', 'aws:kms'],
    default: undefined,
    doc: 'How the service encrypts backups; as the bucket says where it is not set.',
  },
  {
    key: 'backup.s3.kms_key_id',
    type: 'string',
    default: undefined,
    doc: 'The KMS key for backups with aws:kms; the default key of the account where it is not set.',
    needs: 'backup.s3.sse',
  },
  {
    key: 'backup.s3.checksums',
    type: ['auto', 'when_required', 'when_supported'],
    default: 'auto',
    doc: 'Whether the CRC checksums of the AWS SDK are sent always or where S3 demands them; auto: always on AWS only.',
  },
] as const satisfies readonly Option[];

export type BackupS3Config = ConfigOf<typeof BACKUP_S3_OPTIONS>;

/** The settings of the driver for a bucket of backups. */
export function backupS3(bucket: string, prefix: string | undefined, config: BackupS3Config): S3Config {
  return {
    'storage.s3.endpoint': config['backup.s3.endpoint'],
    'storage.s3.region': config['backup.s3.region'],
    'storage.s3.bucket': bucket,
    'storage.s3.prefix': prefix,
    'storage.s3.path_style': config['backup.s3.path_style'],
    'storage.s3.access_key_id': config['backup.s3.access_key_id'],
    'storage.s3.secret_access_key': config['backup.s3.secret_access_key'],
    'storage.s3.session_token': config['backup.s3.session_token'],
    'storage.s3.sse': config['backup.s3.sse'],
    'storage.s3.kms_key_id': config['backup.s3.kms_key_id'],
    'storage.s3.checksums': config['backup.s3.checksums'],
    'storage.s3.public_endpoint': undefined,
    'storage.s3.redirect': 'off',
  };
}
