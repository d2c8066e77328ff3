import { parseBytes, type Option } from '../config/index.ts';

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
  {
    key: 'storage.min_free',
    type: 'string',
    default: '1%',
    doc: 'Of the disk of a filesystem storage, what is left free: a share as 2%, or as 512MiB; by then uploads are refused. 0: off.',
    check: (text: string) =>
      /^\d{1,2}(?:\.\d{1,3})?%$|^\d+$/.test(text) || parseBytes(text) !== undefined
        ? undefined
        : 'be a share as 2%, or as 512MiB',
  },
  {
    key: 'storage.reserve',
    type: 'bytes',
    default: '16MiB',
    doc: 'Room of that disk that is held back in a file, and given to deletes where the disk is full; 0: none.',
  },
] as const satisfies readonly Option[];
