import type { Catalog, CatalogTotals } from '../catalog/index.ts';
import type { Metrics } from '../metrics/index.ts';

const FRESH_MS = 60_000;
const NOTHING: CatalogTotals = { repositories: 0, tags: 0, blobBytes: 0, uploads: 0, quarantined: 0 };

/** The gauges that count the whole store: read when they are asked for, at most once a minute. */
export function declareTotals(metrics: Metrics, catalog: Catalog, clock: () => number): void {
  let readMs = Number.NEGATIVE_INFINITY;
  let latest: Promise<CatalogTotals> = Promise.resolve(NOTHING);

  function totals(): Promise<CatalogTotals> {
    if (clock() - readMs >= FRESH_MS) {
      readMs = clock();
      const before = latest;
      latest = catalog.queries.totals().catch(() => before); // a gauge shows its last value while the catalog is away
    }
    return latest;
  }

  const gauge = (name: string, help: string, key: keyof CatalogTotals): void => {
    metrics.gauge(name, help, {
      merge: 'max', // every process counts the same store
      collect: async (values) => values.with({}).set((await totals())[key]),
    });
  };
  gauge('storage_disk_usage_bytes', 'Bytes of content that the catalog knows.', 'blobBytes');
  gauge('registry_repositories_total', 'Repositories that have a manifest.', 'repositories');
  gauge('registry_tags_total', 'Tags of all repositories.', 'tags');
  gauge('storage_quarantined_blobs', 'Contents that were found damaged and are given to nobody.', 'quarantined');
  gauge('registry_upload_sessions_active', 'Upload sessions that are open.', 'uploads');
}
