// Lists: arrays that may come from another library, or be none.

/** An array, or an array of a library's own. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

/** The first items of a list, each read once; fewer when it has no more. */
export function firstOf<Item>(list: readonly Item[], most: number): Item[] {
  const items: Item[] = [];
  const length = Math.min(most, list.length);
  for (let index = 0; index < length; index++) items.push(list[index] as Item);
  return items;
}
