import { OciError, type ErrorCode } from '../../pkg/oci/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Blobs } from './blobs.ts';
import type { Lists } from './lists.ts';
import type { Manifests } from './manifests.ts';
import type { Uploads } from './uploads.ts';

interface Groups {
  readonly blobs: Blobs;
  readonly manifests: Manifests;
  readonly uploads: Uploads;
  readonly lists: Lists;
}

/** What a method counts as: in `storage_operation_*`, and in `registry_<kind>_operations_total`. */
interface Meter {
  readonly storage: string;
  readonly kind?: readonly ['blob' | 'manifest', string];
}

// octoserve contract, section 8
const METERS: { readonly [G in keyof Groups]: { readonly [M in keyof Groups[G]]?: Meter } } = {
  blobs: {
    stat: { storage: 'blob_exists' },
    open: { storage: 'get_blob', kind: ['blob', 'get'] },
    delete: { storage: 'delete_blob', kind: ['blob', 'delete'] },
  },
  manifests: {
    stat: { storage: 'manifest_exists' },
    get: { storage: 'get_manifest', kind: ['manifest', 'get'] },
    put: { storage: 'put_manifest', kind: ['manifest', 'put'] },
    putIf: { storage: 'put_manifest', kind: ['manifest', 'put'] },
    delete: { storage: 'delete_manifest', kind: ['manifest', 'delete'] },
  },
  uploads: {
    start: { storage: 'create_upload' },
    putWhole: { storage: 'put_blob', kind: ['blob', 'upload'] },
    putUnnamed: { storage: 'put_blob', kind: ['blob', 'upload'] },
    append: { storage: 'write_upload_chunk' },
    finish: { storage: 'complete_upload', kind: ['blob', 'upload'] },
    status: { storage: 'get_upload_status' },
    cancel: { storage: 'cancel_upload' },
  },
  lists: { tags: { storage: 'list_tags' }, referrers: { storage: 'get_referrers' } },
};

const ERROR_TYPES: Partial<Record<ErrorCode, string>> = {
  BLOB_UNKNOWN: 'blob_not_found',
  MANIFEST_UNKNOWN: 'manifest_not_found',
  BLOB_UPLOAD_UNKNOWN: 'upload_not_found',
  DIGEST_INVALID: 'digest_mismatch',
};
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

const kindOf = (result: unknown): unknown =>
  typeof result === 'object' && result !== null && 'kind' in result ? result.kind : undefined;

/** The same groups, each method counted and timed. `ticks`: milliseconds, monotonic. */
export function metered<G extends Groups>(groups: G, metrics: Metrics, ticks: () => number): G {
  const operations = {
    blob: metrics.counter('registry_blob_operations_total', 'Operations on blobs.', ['operation', 'status']),
    manifest: metrics.counter('registry_manifest_operations_total', 'Operations on manifests.', [
      'operation',
      'status',
    ]),
  };
  const seconds = metrics.histogram(
    'storage_operation_duration_seconds',
    'Time that the registry took for an operation.',
    ['operation', 'status'],
    SECONDS,
  );
  const errors = metrics.counter('storage_errors_total', 'Operations that failed.', ['operation', 'error_type']);
  const mounts = operations.blob.with({ operation: 'mount', status: 'success' });

  function wrap(method: (...args: unknown[]) => Promise<unknown>, { storage, kind }: Meter) {
    const counter = (status: string) => kind && operations[kind[0]].with({ operation: kind[1], status });
    const [succeeded, failed] = [counter('success'), counter('error')];
    const timed = seconds.with({ operation: storage, status: 'success' });
    const timedFailure = seconds.with({ operation: storage, status: 'error' });
    return async (...args: unknown[]): Promise<unknown> => {
      const started = ticks();
      try {
        const result = await method(...args);
        const outcome = kindOf(result);
        if (outcome === 'refused') failed?.add(1);
        else succeeded?.add(1);
        timed.observe((ticks() - started) / 1000);
        if (outcome === 'mounted') mounts.add(1);
        return result;
      } catch (failure) {
        failed?.add(1);
        timedFailure.observe((ticks() - started) / 1000);
        const code = failure instanceof OciError ? failure.code : 'UNKNOWN';
        errors.with({ operation: storage, error_type: ERROR_TYPES[code] ?? 'unknown' }).add(1);
        throw failure;
      }
    };
  }

  const wrapGroup = (name: keyof Groups) => {
    const methods = groups[name] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const meters = METERS[name] as Record<string, Meter | undefined>;
    return Object.fromEntries(
      Object.entries(methods).map(([key, method]) => [key, meters[key] ? wrap(method, meters[key]) : method]),
    );
  };
  const wrapped = Object.fromEntries((Object.keys(METERS) as (keyof Groups)[]).map((name) => [name, wrapGroup(name)]));
  return { ...groups, ...wrapped };
}
