import { type TSchema, Type } from 'typebox';
import { ConfigFile } from './schema.ts';
import { keyword, recordValue } from './shape.ts';

/** One key of the configuration for the documentation. All fields are text; '' where there is nothing to say. */
export type ConfigKey = {
  /** `zones[].nameservers.<name>[]`. */
  readonly key: string;
  readonly type: string;
  /** `required` where the key must be given. */
  readonly default: string;
  readonly unit: string;
  readonly help: string;
};

/** Every key of the configuration, in the order of the schema. */
export function describeConfig(): readonly ConfigKey[] {
  return Type.IsObject(ConfigFile) ? describeProperties(ConfigFile.properties, '') : [];
}

function describeProperties(properties: Readonly<Record<string, TSchema>>, prefix: string): readonly ConfigKey[] {
  return Object.entries(properties).flatMap(([name, schema]) => describe(schema, `${prefix}${name}`, schema));
}

/** `outer` is the schema of the key itself: its default and whether it is optional hold for the leaf. */
function describe(schema: TSchema, key: string, outer: TSchema): readonly ConfigKey[] {
  const inner = recordValue(schema);
  if (Type.IsObject(schema)) return describeProperties(schema.properties, `${key}.`);
  if (Type.IsArray(schema)) return describe(schema.items, `${key}[]`, outer);
  if (inner !== undefined) return describe(inner, `${key}.<name>`, outer);
  const [help, unit] = [keyword(schema, 'help'), keyword(schema, 'unit')];
  return [{ key, type: keyword(schema, 'expected'), default: shownDefault(outer), unit, help }];
}

function shownDefault(schema: TSchema): string {
  const value: unknown = Object.entries(schema).find(([key]) => key === 'default')?.[1];
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  if (!Type.IsOptional(schema)) return 'required';
  return keyword(schema, 'shown') || 'none';
}
