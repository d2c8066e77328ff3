import type { ConfigOf, Option } from '../config/index.ts';

export const STORAGE_OPTIONS = [
  {
    key: 'storage.type',
    type: ['filesystem', 'memory'],
    default: 'filesystem',
    doc: 'Where content is kept: a folder, or memory (for tests; gone at exit).',
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

export type StorageConfig = ConfigOf<typeof STORAGE_OPTIONS>;
