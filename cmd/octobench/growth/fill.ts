import type { Catalog, DumpRow } from '../../../internal/catalog/index.ts';
import { encodedOf, OCI_IMAGE_MANIFEST } from '../../../pkg/oci/index.ts';
import { writeContent } from '../peers/stored-content.ts';
import { BLOB_BYTES, createImages, NOTE, UNIT, type Image, type Stage } from './layout.ts';

export interface FillOptions {
  readonly catalog: Catalog;
  /** The server's data. */
  readonly data: string;
  readonly stage: Stage;
  /** Batches that are written at the same time: a database may have several processors to do it with. */
  readonly atOnce: number;
  readonly onStep: (text: string) => void;
}

const HOLDER = 'octobench growth';
const LONG_AGO_MS = 30 * 24 * 3_600_000;
/** Of those who follow the log, to write records of it and lines: what is filled in is behind them. */
const CURSORS = ['records', 'audit-log'];

/** What a push of the image would have left in the catalog: its tag's move is in the log, as entry `sequence`. */
function rowsOf(image: Image, timeMs: number, sequence: number): readonly DumpRow[] {
  const { repository, tag, manifest, manifestBytes, blob, subject } = image;
  return [
    { kind: 'blob', digest: manifest, sizeBytes: manifestBytes, createdMs: timeMs },
    { kind: 'blob', digest: blob, sizeBytes: BLOB_BYTES, createdMs: timeMs },
    { kind: 'membership', repository, digest: blob, sinceMs: timeMs },
    {
      kind: 'manifest',
      repository,
      digest: manifest,
      mediaType: OCI_IMAGE_MANIFEST,
      sizeBytes: manifestBytes,
      pushedMs: timeMs,
      artifactType: subject && NOTE,
      subject,
      annotations: subject && JSON.stringify({ 'dev.octobench.number': String(image.index) }),
      blobs: [blob],
      children: [],
    },
    { kind: 'tag', repository, name: tag, digest: manifest },
    {
      kind: 'change',
      sequence,
      timeMs,
      action: 'tag.put',
      repository,
      name: tag,
      from: undefined,
      to: manifest,
      principal: HOLDER,
      address: '127.0.0.1',
      requestId: '',
      result: 'done',
      detail: undefined,
      hash: encodedOf(manifest),
    },
  ];
}

/** The last entry of the log that has a number; 0 where none has. */
async function lastSequence({ queries }: Catalog): Promise<number> {
  const isAfter = async (sequence: number): Promise<boolean> =>
    (await queries.listSeals({ after: sequence, limit: 1 })).length > 0;
  let [low, high] = [0, 1];
  while (await isAfter(high - 1)) [low, high] = [high, high * 2];
  // Seals end after `low - 1`, if at all, and not after `high - 1`.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isAfter(middle - 1)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Adds a stage to a store that no server runs on, in batches of catalog rows as a restore writes them; content only for
 * the images that can be read.
 */
export async function fillStage({ catalog, data, stage, atOnce, onStep }: FillOptions): Promise<void> {
  const imageOf = createImages(stage);
  const timeMs = Date.now() - LONG_AGO_MS;
  const before = await lastSequence(catalog);
  if (stage.from === 0) await catalog.run('beginRestore', { holder: HOLDER });
  let next = stage.from;

  async function fill(): Promise<void> {
    while (next < stage.to) {
      const from = next;
      next += UNIT;
      const first = before + from - stage.from + 1;
      const images = Array.from({ length: UNIT }, (_, place) => imageOf(from + place));
      const rows = images.flatMap((image, place) => rowsOf(image, timeMs, first + place));
      const seal = { first, last: first + UNIT - 1, hash: encodedOf(images[0]?.manifest ?? imageOf(from).manifest) };
      await catalog.run('restoreRows', { rows: [...rows, { kind: 'seal', ...seal, timeMs }] });
      for (const { manifest, blob, content } of images) {
        if (!content) continue;
        await writeContent(data, manifest, content.manifest);
        await writeContent(data, blob, Buffer.concat([...content.blob.body.pieces()]));
      }
      onStep(`filling to ${stage.to.toLocaleString('en')}: ${from + UNIT}`);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, fill));
  const sequence = before + stage.to - stage.from;
  await catalog.run('restoreRows', { rows: CURSORS.map((name): DumpRow => ({ kind: 'cursor', name, sequence })) });
  onStep(`counting ${stage.to.toLocaleString('en')}`);
  await catalog.run('endRestore', { holder: HOLDER, nowMs: timeMs });
}
