/**
 * Closed descriptions of what a value parsed from JSON must look like, as type guards. Small on purpose: it stands where a
 * watch page waits for its first frame, whose eight milliseconds and sixty kilobytes a schema library took for one use.
 * Where nothing waits (tracker-events.ts), zod is used.
 */
export type Shape<T> = (value: unknown) => value is T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** A whole number from `min` to `max`, both inclusive. */
export const whole =
  (min: number, max: number): Shape<number> =>
  (value): value is number => Number.isSafeInteger(value) && isWithin(value as number, min, max);

/** Any finite number from `min` to `max`. */
export const number =
  (min: number, max: number): Shape<number> =>
  (value): value is number => typeof value === 'number' && isWithin(value, min, max);

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;

export const isBoolean: Shape<boolean> = (value): value is boolean => typeof value === 'boolean';

/** Text of at most `max` UTF-16 units, all of it as `pattern` says. */
export const text =
  (max: number, pattern?: RegExp): Shape<string> =>
  (value): value is string => typeof value === 'string' && value.length <= max && (pattern?.test(value) ?? true);

/** One of the values given. */
export const oneOf =
  <const T extends string | number>(...values: readonly T[]): Shape<T> =>
  (value): value is T => (values as readonly unknown[]).includes(value);

/** A list of `min` to `max` items. */
export const list =
  <T>(item: Shape<T>, min: number, max: number): Shape<T[]> =>
  (value): value is T[] => Array.isArray(value) && value.length >= min && value.length <= max && value.every((one) => item(one));

type Fields = Readonly<Record<string, Shape<unknown>>>;
type FieldsOf<F extends Fields> = { [K in keyof F]: Shaped<F[K]> };

/** An object with exactly these fields: none more, none less. */
export const object =
  <F extends Fields>(fields: F): Shape<FieldsOf<F>> =>
  (value): value is FieldsOf<F> => hasExactly(value, fields, {});

/** The same, with some that may be missing. */
export const objectWith =
  <F extends Fields, O extends Fields>(fields: F, optional: O): Shape<FieldsOf<F> & Partial<FieldsOf<O>>> =>
  (value): value is FieldsOf<F> & Partial<FieldsOf<O>> => hasExactly(value, fields, optional);

function hasExactly(value: unknown, fields: Fields, optional: Fields): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const isEachRight = Object.entries(value).every(([name, field]) => (ownShape(fields, name) ?? ownShape(optional, name))?.(field) ?? false);
  return isEachRight && Object.keys(fields).every((name) => Object.hasOwn(value, name));
}

/** By own name only: a field called `constructor` is no field. */
const ownShape = (fields: Fields, name: string): Shape<unknown> | undefined => (Object.hasOwn(fields, name) ? fields[name] : undefined);
