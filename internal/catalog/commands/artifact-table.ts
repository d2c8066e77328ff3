import type { ArtifactCommands } from '../types.ts';
import type { Command } from './command.ts';
import { deleteTags } from './delete-tags.ts';
import { describeManifest } from './manifest-row.ts';

/** The commands of doors and artifacts. */
export const ARTIFACT_COMMANDS: { readonly [Name in keyof ArtifactCommands]: Command<Name> } = {
  describeManifest: { run: describeManifest, durable: false, repeatable: true }, // asked again where it was lost
  deleteTags: { run: deleteTags, durable: true, repeatable: false },
};
