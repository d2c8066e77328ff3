import type { Exchange } from '../../http/index.ts';
import type { Metrics } from '../../metrics/index.ts';

/** foundry contract, section 5.2. */
export interface FoundryMetrics {
  /** Counts the request when it has been answered. */
  begin(exchange: Exchange): void;
  uploaded(bytes: number): void;
  downloaded(bytes: number): void;
  collected(blobs: number): void;
}

export function declareMetrics(metrics: Metrics): FoundryMetrics {
  const requests = metrics.counter('foundry_requests_total', 'Requests to Foundry answered.', ['route', 'status']);
  const plain = (name: string, help: string) => metrics.counter(name, help, []).with({});
  const uploadBytes = plain('foundry_upload_bytes_total', 'Bytes of artifacts uploaded.');
  const downloadBytes = plain('foundry_download_bytes_total', 'Bytes of artifacts downloaded.');
  const deletedBlobs = plain(
    'foundry_gc_deleted_blobs_total',
    'Blobs deleted by collections that Foundry was asked for.',
  );
  return {
    begin(exchange) {
      exchange.res.once('close', () => {
        const status = exchange.res.headersSent ? exchange.res.statusCode : 499; // the client left before an answer
        requests.with({ route: exchange.route, status: String(status) }).add(1);
      });
    },
    uploaded: (bytes) => uploadBytes.add(bytes),
    downloaded: (bytes) => downloadBytes.add(bytes),
    collected: (blobs) => deletedBlobs.add(blobs),
  };
}
