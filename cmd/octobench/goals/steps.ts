import type { ServerName, Setup, Step } from './types.ts';

const QUIET: Setup = { name: 'reads', durability: 'full', logsRequests: false, clearsUploads: false };
const LOGGED: Setup = { name: 'reads, requests logged', durability: 'full', logsRequests: true, clearsUploads: false };
const SYNCED: Setup = { name: 'pushes, synced', durability: 'full', logsRequests: false, clearsUploads: false };
const UNSYNCED: Setup = { name: 'pushes, not synced', durability: 'os', logsRequests: false, clearsUploads: false };
/** Distribution syncs nothing: at its durability ours is judged, and at our own it is shown what that costs. */
const UPLOADS: Setup = { name: 'large uploads', durability: 'os', logsRequests: false, clearsUploads: true };
const SYNCED_UPLOADS: Setup = { ...UPLOADS, name: 'large uploads, synced', durability: 'full' };

const ALL: readonly ServerName[] = ['ours (auto)', 'bare node', 'bare node (auto)', 'distribution'];
const REGISTRIES: readonly ServerName[] = ['ours (auto)', 'distribution'];

/** What has to be shown, in the order in which it is run. Who makes a goal smaller says why in the document of this part. */
export const STEPS: readonly Step[] = [
  ...[QUIET, LOGGED].flatMap((setup) =>
    ['manifest-by-tag', 'manifest-by-digest', 'manifest-head'].map((workload): Step => ({
      name: setup.logsRequests ? `${workload}/logged` : workload,
      setup,
      workload,
      with: ALL,
      goal: { kind: 'times', factor: 4.5 },
    })),
  ),
  { name: 'blob-64k', setup: QUIET, workload: 'blob-64k', with: ALL, goal: { kind: 'times', factor: 15 } },
  { name: 'empty/one', setup: QUIET, workload: 'empty', connections: 1, with: REGISTRIES, goal: undefined },
  { name: 'tags', setup: QUIET, workload: 'tags', with: REGISTRIES, goal: { kind: 'within', limitMs: 5 } },
  {
    name: 'tags-page',
    setup: QUIET,
    workload: 'tags-page',
    with: REGISTRIES,
    goal: { kind: 'within', limitMs: 1, beyond: 'empty/one' },
  },
  { name: 'download', setup: QUIET, workload: 'download', with: ALL, goal: { kind: 'times', factor: 1.3 } },
  { name: 'download-4', setup: QUIET, workload: 'download-4', with: ALL, goal: { kind: 'times', factor: 1.3 } },
  { name: 'push-blob', setup: SYNCED, workload: 'push-blob', with: ALL, goal: { kind: 'times', factor: 10 } },
  { name: 'push-blob/os', setup: UNSYNCED, workload: 'push-blob', with: ALL, goal: { kind: 'times', factor: 14 } },
  { name: 'push-tag', setup: SYNCED, workload: 'push-tag', with: REGISTRIES, goal: { kind: 'times', factor: 3 } },
  { name: 'upload', setup: UPLOADS, workload: 'upload', with: REGISTRIES, goal: { kind: 'times', factor: 1.2 } },
  {
    name: 'upload-streamed',
    setup: UPLOADS,
    workload: 'upload-streamed',
    with: REGISTRIES,
    goal: { kind: 'times', factor: 1.2 },
  },
  { name: 'upload/synced', setup: SYNCED_UPLOADS, workload: 'upload', with: ['distribution'], goal: undefined },
  {
    name: 'upload-streamed/synced',
    setup: SYNCED_UPLOADS,
    workload: 'upload-streamed',
    with: ['distribution'],
    goal: undefined,
  },
];

/** The most that is accepted of each, with one worker. */
export const LIMITS = {
  start: { name: 'start to first answer', unit: 'ms', limit: 300 },
  idle: { name: 'memory, idle', unit: 'MB', limit: 120 },
  after: { name: 'memory, after the run', unit: 'MB', limit: 250 },
} as const;
