import type { ConfigOf, Option } from '../config/index.ts';

const atLeast = (least: number, text: string) => (value: number) => (value >= least ? undefined : text);

export const GC_OPTIONS = [
  {
    key: 'gc.enabled',
    type: 'boolean',
    default: true,
    doc: 'Whether content that nothing references is deleted after a while; off, only `octoserve gc` does it.',
  },
  {
    key: 'gc.interval',
    type: 'duration',
    default: '24h',
    doc: 'From the end of one collection to the start of the next, of all replicas together; 0: by hand only.',
  },
  {
    key: 'gc.review_delay',
    type: 'duration',
    default: '24h',
    doc: 'How long content is kept that was uploaded, or lost its last reference; longer than the longest push takes.',
  },
  {
    key: 'gc.max_deletes_per_second',
    type: 'integer',
    default: 500,
    doc: 'How many blobs a collection deletes in a second, so that it leaves storage to others; 0: as many as it can.',
    check: atLeast(0, 'must be 0 or more'),
  },
  {
    key: 'gc.batch_size',
    type: 'integer',
    default: 100,
    doc: 'How many blobs are decided in one transaction, for which pushes of those wait; at most 1000.',
    check: (value: number) => (value >= 1 && value <= 1000 ? undefined : 'must be from 1 to 1000'),
  },
  {
    key: 'gc.orphan_interval',
    type: 'duration',
    default: '168h',
    doc: 'From one search through all of storage for content that no row knows to the next; 0: by hand only.',
  },
] as const satisfies readonly Option[];

export type GcConfig = ConfigOf<typeof GC_OPTIONS>;
