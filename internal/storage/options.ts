import type { Option } from '../config/index.ts';

/** The options that do not belong to one backend alone. */
export const COMMON_OPTIONS = [
  {
    key: 'storage.type',
    type: ['filesystem', 's3', 'memory'],
    default: 'filesystem',
    doc: 'Where content is kept: a folder, a bucket (storage.s3), or memory (for tests; gone at exit).',
  },
  {
    key: 'storage.path',
    type: 'string',
    default: './data',
    doc: 'The folder of the filesystem storage; made at start.',
  },
  {
    key: 'storage.durability',
    type: ['full', 'os'],
    default: 'full',
    doc: 'full: a write is acknowledged when it is on stable storage (fsync); os: when the operating system has it.',
  },
  {
    key: 'storage.verify_reads',
    type: 'boolean',
    default: false,
    doc: 'Checks the digest of every full blob read and cuts the connection where it differs.',
  },
] as const satisfies readonly Option[];
