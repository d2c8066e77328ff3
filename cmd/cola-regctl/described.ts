import type { CommandOption } from '../../internal/cli/index.ts';
import { shown } from './answers.ts';
import type { Call } from './command.ts';
import { invalid } from './exit-codes.ts';
import { line, section } from './texts.ts';
import { parseCustomValues, splitValues } from './values.ts';

/** What registries and packages have in common: they differ in what they call their people. */
export interface Kind {
  readonly people: 'admins' | 'maintainers';
  /** One of them, which is the flag. */
  readonly person: 'admin' | 'maintainer';
}

export const REGISTRY: Kind = { people: 'admins', person: 'admin' };
export const PACKAGE: Kind = { people: 'maintainers', person: 'maintainer' };

export const describeOptions = ({ person }: Kind): readonly CommandOption[] => [
  { flags: '--description <text>', doc: 'what it is' },
  { flags: `--${person} <name>`, doc: `${person}s: repeatable, or separated by commas`, repeatable: true },
  { flags: '--custom-value <key=value>', doc: 'anything else: repeatable', repeatable: true },
];

export const clearOptions = ({ people }: Kind): readonly CommandOption[] => [
  { flags: `--clear-${people}`, doc: `have no ${people}` },
  { flags: '--clear-custom-values', doc: 'have no custom values' },
];

/** The fields that were given, and no others. */
export function fieldsOf(call: Call, { people, person }: Kind): object {
  const [description, names, values] = [call.flag('description'), call.list(person), call.list('customValue')];
  const [clearsPeople, clearsValues] = [
    call.isSet(people === 'admins' ? 'clearAdmins' : 'clearMaintainers'),
    call.isSet('clearCustomValues'),
  ];
  if (names && clearsPeople) throw invalid(`--${person} and --clear-${people} cannot go together`);
  if (values && clearsValues) throw invalid('--custom-value and --clear-custom-values cannot go together');
  return {
    ...(description !== undefined && { description }),
    ...(names && { [people]: splitValues(names) }),
    ...(clearsPeople && { [people]: [] }),
    ...(values && { custom_values: parseCustomValues(values) }),
    ...(clearsValues && { custom_values: {} }),
  };
}

/** A registry or package for people. */
export function describedText(answer: unknown, { people }: Kind): readonly string[] {
  const { name, description, people: names, customValues } = shown(answer);
  return [
    line('Name', name),
    line('Description', description),
    ...section(people === 'admins' ? 'Admins' : 'Maintainers', names),
    ...section('Custom Values', customValues),
  ];
}
