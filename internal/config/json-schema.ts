import { variablesOf } from './environment.ts';
import { NAME_PATTERN } from './names.ts';
import type { Option, OptionType } from './option.ts';

type JsonSchema = Record<string, unknown>;

const DURATION = '^(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)$';
const SIZE = '^\\d+(\\.\\d+)? ?([KMGT]iB|[kKMGT]B|B)?$';

/** JSON schema of the product's own configuration files, for editors. */
export function configSchema(tables: readonly (readonly Option[])[]): JsonSchema {
  const top = section();
  for (const option of tables.flat()) {
    const names = option.key.split('.');
    const last = names.pop() ?? option.key;
    let within = top;
    for (const name of names) within = sectionIn(within, name);
    within.properties[last] = schemaOf(option);
  }
  top.properties['$schema'] = { type: 'string' };
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Octoserve configuration', ...top };
}

interface Section extends JsonSchema {
  type: 'object';
  additionalProperties: false;
  properties: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
}

function section(): Section {
  return { type: 'object', additionalProperties: false, properties: {} };
}

function sectionIn(outer: Section, name: string): Section {
  const sections = name === '*' ? (outer.patternProperties ??= {}) : outer.properties;
  return (sections[name === '*' ? NAME_PATTERN : name] ??= section()) as Section;
}

function schemaOf(option: Option): JsonSchema {
  const shape = shapeOf(option.type);
  return {
    description: `${option.doc} (${variablesOf(option).join(', ').replace('*', '<NAME>')})`,
    // A null leaves an option unset, as in config.example.json.
    ...(option.default === undefined ? { anyOf: [shape, { type: 'null' }] } : { ...shape, default: option.default }),
  };
}

function shapeOf(type: OptionType): JsonSchema {
  switch (type) {
    case 'string':
      return { type: ['string', 'integer'] };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', minimum: 0 };
    case 'port':
      return { type: 'integer', minimum: 1, maximum: 65_535 };
    case 'duration':
      return { type: ['string', 'integer'], pattern: DURATION, minimum: 0 };
    case 'bytes':
      return { type: ['string', 'integer'], pattern: SIZE, minimum: 0 };
    case 'list':
      return { type: ['array', 'string'], items: { type: 'string', minLength: 1 } };
    default:
      return { enum: type };
  }
}
