import { POSTGRES } from '../../catalog/postgres/dialect.ts';
import { compile, statement, type Text } from '../../catalog/statement.ts';
import type { Step } from '../../catalog/step.ts';
import type { DamageKind } from '../../catalog/types.ts';
import type { Digest } from '../../../pkg/oci/index.ts';
import { sampleOf } from './content.ts';
import type { Mutation } from './replica.ts';

// Each is the design with one of its precautions left out. That the simulator finds them out shows that it can, and that
// the precaution is needed.

const SQL = new WeakMap<Text, string>();
function sqlOf(text: Text): string {
  const known = SQL.get(text) ?? compile(text, POSTGRES).sql;
  SQL.set(text, known);
  return known;
}

/** Statements are told apart by what they say, so that the commands need not name them for us. */
const CHOICE = /^select .* from "gc_candidates" inner join "blobs" .* for update skip locked$/;
const SECOND_LOOK = /^select \(select "manifest" from "manifest_blobs" where "digest" = \$1 limit/;
const NOMINATION = /^insert into "gc_candidates" .* do update set/;
const LEASE = /^insert into "gc_leases"/;

const withoutLocks = new WeakMap<Text, Text>();
function unlocked(text: Text): Text {
  const known = withoutLocks.get(text) ?? { build: (builder) => dropLocks(text.build(builder)) };
  withoutLocks.set(text, known);
  return known;
}

/** The same statement to the model, which reads nodes, but without `for share` and the like. */
function dropLocks(built: ReturnType<Text['build']>): ReturnType<Text['build']> {
  const node = (built as unknown as { toOperationNode(): object }).toOperationNode();
  const plain = { ...node, endModifiers: undefined };
  return { ...built, compile: () => built.compile(), toOperationNode: () => plain } as typeof built;
}

/** What a careless collector would ask: it decides in the statement that waits, on a snapshot from before. */
const choiceInOne = statement<{ digest: Digest; beforeMs: number }>()((q, p) =>
  q
    .selectFrom('gc_candidates')
    .innerJoin('blobs', 'blobs.digest', 'gc_candidates.digest')
    .select(['blobs.digest', 'blobs.size_bytes as sizeBytes'])
    .where('gc_candidates.digest', '=', p.digest)
    .where('gc_candidates.since_ms', '<=', p.beforeMs)
    .where('blobs.deleting_ms', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('manifest_blobs')
            .select('manifest_blobs.manifest')
            .whereRef('manifest_blobs.digest', '=', 'gc_candidates.digest'),
        ),
      ),
    )
    .forUpdate(),
);

const unused = [{ manifest: null, leasedUntilMs: null }];

const unhurt = <Found extends { readonly damage?: DamageKind } | undefined>(found: Found): Found =>
  found && { ...found, damage: undefined };

export const MUTANTS = {
  'leases are not looked at': {
    step: (step) => (LEASE.test(sqlOf(step.text)) ? [] : step),
  },
  'pushes lock no row': {
    step: (step) => (/ for share$/.test(sqlOf(step.text)) ? { ...step, text: unlocked(step.text) } : step),
  },
  'the collector locks no row': {
    step: (step) => (CHOICE.test(sqlOf(step.text)) ? { ...step, text: unlocked(step.text) } : step),
  },
  'the collector looks and locks in one statement': {
    step: (step): Step | typeof unused => {
      if (CHOICE.test(sqlOf(step.text))) return { ...step, text: choiceInOne };
      return SECOND_LOOK.test(sqlOf(step.text)) ? unused : step;
    },
  },
  'content goes before it is said that it will': {
    catalog: (catalog, replica) => ({
      ...catalog,
      run: async (name, args) => {
        if (name === 'beginDeletions') {
          const { digests } = args as { readonly digests: readonly Digest[] };
          await replica.blobs.removeAll(digests, () => Infinity);
        }
        return catalog.run(name, args);
      },
    }),
  },
  'an upload does not ask whether a deletion was begun': {
    catalog: (catalog) => ({
      ...catalog,
      run: (name, args) => catalog.run(name, 'seen' in args ? { ...args, seen: undefined } : args),
    }),
  },
  // As the design had it first: the row is there, and others rely on it, before the content is looked for.
  'an upload looks for its content only when its row is committed': {
    catalog: (catalog, replica) => ({
      ...catalog,
      run: async (name, args) => {
        const result = await catalog.run(name, 'seen' in args ? { ...args, seen: undefined } : args);
        if (name !== 'finishUpload' && name !== 'putManifest') return result;
        const { kind } = result as { readonly kind: string };
        const { digest } = args as { readonly digest: Digest };
        await replica.pause(1); // the look takes its time
        const isThere = (kind !== 'finished' && kind !== 'stored') || (await replica.blobs.stat(digest));
        if (!isThere) await replica.blobs.put(digest, sampleOf(digest).bytes);
        return result;
      },
    }),
  },
  'a deleter takes all the time it wants': {
    blobs: (blobs) => ({ ...blobs, removeAll: (digests) => blobs.removeAll(digests, () => Infinity) }),
  },
  'what loses a reference is not nominated': {
    step: (step) => (NOMINATION.test(sqlOf(step.text)) ? [] : step),
  },
  'rules do not look who pushed since they found it old': {
    catalog: (catalog) => ({
      ...catalog,
      run: (name, args) => catalog.run(name, 'usedMs' in args ? { ...args, usedMs: undefined } : args),
    }),
  },
  'an index does not hold what it names': {
    step: (step) => (/ for key share$/.test(sqlOf(step.text)) ? { ...step, text: unlocked(step.text) } : step),
  },
  'a push lifts a quarantine though it left what was there': {
    catalog: (catalog) => ({
      ...catalog,
      run: (name, args) => catalog.run(name, 'replaced' in args ? { ...args, replaced: true } : args),
    }),
  },
  'who reads does not ask what is quarantined': {
    catalog: (catalog) => ({
      ...catalog,
      queries: {
        ...catalog.queries,
        findBlob: async (...asked) => unhurt(await catalog.queries.findBlob(...asked)),
        findHeldBlob: async (...asked) => unhurt(await catalog.queries.findHeldBlob(...asked)),
      },
    }),
  },
  'a push does not ask what is quarantined': {
    catalog: (catalog) => ({
      ...catalog,
      queries: {
        ...catalog.queries,
        findDeletion: async (digest) => unhurt(await catalog.queries.findDeletion(digest)),
      },
    }),
  },
  // The simulator found this out before it was a mutant.
  'what no repository has is left where it is pushed': {
    catalog: (catalog) => ({
      ...catalog,
      queries: {
        ...catalog.queries,
        findDeletion: async (digest) => ({ ...(await catalog.queries.findDeletion(digest)), isUsed: true }),
      },
    }),
  },
  'a pass does not look once more at what it has quarantined': {
    catalog: (catalog) => {
      const fresh = new Set<string>();
      return {
        ...catalog,
        run: async (name, args) => {
          const { digest } = args as { readonly digest?: Digest };
          if (name === 'liftQuarantine' && fresh.delete(String(digest))) return false; // as if it had not looked
          const done = await catalog.run(name, args);
          if (name === 'quarantine' && (done as { readonly kind: string }).kind !== 'gone') fresh.add(String(digest));
          return done;
        },
      };
    },
  },
} satisfies Readonly<Record<string, Mutation>>;
