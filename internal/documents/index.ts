import type { DocumentDeps } from './deps.ts';
import { PlaceInvalid, type DocumentPlace } from './types.ts';
import { parsePlace, type ParsedPlace } from './uri.ts';

export type { DocumentDeps, DocumentLog } from './deps.ts';
export {
  DocumentError,
  PlaceInvalid,
  type DocumentPlace,
  type DocumentTrouble,
  type LoadedDocument,
  type Persisted,
} from './types.ts';
export { parsePlace, showPlace, type ParsedPlace } from './uri.ts';

export interface OpenDocument extends DocumentDeps {
  /** Whether nobody else may persist it meanwhile, where the place can keep others out: a file is locked. */
  readonly isOurs: boolean;
}

/**
 * Opens the place of a document; only its own part is loaded. Throws PlaceInvalid where what was said of it makes no
 * sense, DocumentError where it cannot be used.
 */
export async function openDocument(place: ParsedPlace, options: OpenDocument): Promise<DocumentPlace> {
  switch (place.kind) {
    case 'file':
      return (await import('./file/file.ts')).openFile(place, options);
    case 'oci':
      return (await import('./oci/oci.ts')).openOci(place, options);
    case 's3':
      return (await import('./s3/s3.ts')).openS3(place, options);
    default:
      throw new PlaceInvalid(`there is no place ${(place satisfies never as ParsedPlace).kind}`);
  }
}

/** The same by its URI. */
export const openDocumentAt = (uri: string, options: OpenDocument): Promise<DocumentPlace> =>
  openDocument(parsePlace(uri), options);
